{{/* What the operator is started with; what is left out has the program's own default. */}}
{{- define "assent.arguments" -}}
{{- $operator := .Values.operator -}}
- operator
- --ledger={{ if .Values.ledger.postgresql.existingSecret }}$(ASSENT_LEDGER_URL){{ else }}/var/lib/assent/ledger.sqlite{{ end }}
- --ledger-key=/etc/assent/ledger.key
{{- if .Values.ledger.new }}
- --new-ledger
{{- end }}
- {{ printf "--http-host=%s" $operator.httpHost | quote }}
- --http-port=8080
- --webhook-port=9443
{{- if include "assent.certificate" . }}
- --webhook-certs=/etc/assent-webhook
{{- end }}
{{- with $operator.bootstrapGroup }}
- {{ printf "--bootstrap-group=%s" . | quote }}
{{- end }}
- {{ printf "--keep=%s" $operator.keep | quote }}
- --resync={{ $operator.resync }}
- --workers={{ $operator.workers }}
{{- range $owner, $prefixes := $operator.allow.urls }}
{{- range $prefixes }}
- {{ printf "--allow-url=%s=%s" $owner . | quote }}
{{- end }}
{{- end }}
{{- range $operator.allow.secrets }}
- {{ printf "--allow-secrets=%s" . | quote }}
{{- end }}
{{- range $owner, $accounts := $operator.allow.serviceAccounts }}
{{- range $accounts }}
- {{ printf "--allow-service-account=%s=%s" $owner . | quote }}
{{- end }}
{{- end }}
{{- with $operator.secretsFolder }}
- {{ printf "--secrets=%s" . | quote }}
{{- end }}
- --log=json
{{- end }}
