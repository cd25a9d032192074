{{/* What is asked for, where one value rules another out; the schema cannot see the namespace. */}}
{{- define "assent.check" -}}
{{- if ne .Release.Namespace "assent-system" }}
{{- fail (printf "Assent lives in the namespace assent-system, which its admission policies name, and not in %q: install it with --namespace assent-system --create-namespace" .Release.Namespace) }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (not .Values.ledger.postgresql.existingSecret) }}
{{- fail (printf "replicas is %d, and a ledger in SQLite has one writer: name a Secret by ledger.postgresql.existingSecret, or set replicas to 1" (int .Values.replicas)) }}
{{- end }}
{{- if and .Values.webhook.certManager.enabled .Values.webhook.certificateSecret }}
{{- fail "webhook.certificateSecret and webhook.certManager.enabled are two sources of one certificate: set one of them" }}
{{- end }}
{{- if .Values.portal.enabled }}
{{- include "assent.portalCheck" . }}
{{- end }}
{{- end }}

{{- define "assent.chosen" -}}
app.kubernetes.io/name: assent
app.kubernetes.io/component: operator
{{- end }}

{{- define "assent.labels" -}}
{{ include "assent.chosen" . }}
{{ include "assent.release" . }}
{{- end }}

{{- define "assent.release" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "assent.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "assent.keySecret" -}}
{{ .Values.ledger.key.existingSecret | default "assent-ledger-key" }}
{{- end }}

{{- define "assent.claim" -}}
{{ .Values.ledger.sqlite.existingClaim | default "assent-ledger" }}
{{- end }}

{{/* The Secret with the webhook's certificate, where it is given; empty where the operator makes its own. */}}
{{- define "assent.certificate" -}}
{{- if .Values.webhook.certManager.enabled }}assent-webhook-tls{{ else }}{{ .Values.webhook.certificateSecret }}{{ end }}
{{- end }}

{{/* The names of people's ClusterRoles, a line each. */}}
{{- define "assent.peopleRoles" -}}
{{- range splitList "\n---" (.Files.Get "files/people-roles.yaml") }}
{{- with fromYaml . }}
{{ .metadata.name }}
{{- end }}
{{- end }}
{{- end }}

{{/* What every pod may not do: be root, write to its image, gain rights, use a system call that is out of the ordinary. */}}
{{- define "assent.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "assent.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "assent.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The database's URL and password, from their Secret alone. */}}
{{- define "assent.database" -}}
- name: ASSENT_LEDGER_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.ledger.postgresql.existingSecret }}, key: url}}
- name: PGPASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.ledger.postgresql.existingSecret }}, key: password, optional: true}}
{{- end }}

{{- define "assent.keyVolume" -}}
- name: ledger-key
  secret:
    secretName: {{ include "assent.keySecret" . }}
    defaultMode: 0440
    items:
    - {key: ledger.key, path: ledger.key}
{{- end }}

{{/* Where pods may run. */}}
{{- define "assent.placement" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{/* Rules out of every pod of ours: names, the API server, the database. */}}
{{- define "assent.egress" -}}
- ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
{{ include "assent.way" .Values.networkPolicy.apiServer }}
{{- if .Values.ledger.postgresql.existingSecret }}
{{ include "assent.way" .Values.networkPolicy.postgresql }}
{{- end }}
{{- end }}

{{/* One rule out: to these peers (default: anywhere), on these ports. */}}
{{- define "assent.way" -}}
- ports:
  {{- range .ports }}
  - {protocol: TCP, port: {{ . }}}
  {{- end }}
  {{- with .to }}
  to: {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
