{{/* What has to be said of a panel, and what it cannot stand on. */}}
{{- define "assent.portalCheck" -}}
{{- $portal := .Values.portal -}}
{{- $account := printf "system:serviceaccount:%s:assent-portal" .Release.Namespace -}}
{{- if not .Values.ledger.postgresql.existingSecret }}
{{- fail "portal.enabled: panel and operator write to one ledger from two pods, which SQLite cannot do: name a Secret by ledger.postgresql.existingSecret" }}
{{- end }}
{{- if not $portal.publicUrl }}
{{- fail "portal.enabled: nobody could sign in without the panel's address: set portal.publicUrl, like https://assent.example" }}
{{- end }}
{{- if not (and $portal.oidc.issuer $portal.oidc.clientId) }}
{{- fail "portal.enabled: nobody could sign in without an OpenID provider: set portal.oidc.issuer and portal.oidc.clientId" }}
{{- end }}
{{- if not (has "openid" $portal.oidc.scopes) }}
{{- fail "portal.oidc.scopes must hold openid: without it the provider says nothing of who signs in" }}
{{- end }}
{{- if ne (not $portal.smtp.host) (not $portal.mailFrom) }}
{{- fail "portal.smtp.host and portal.mailFrom go together: where mails are handed in, and who they are from" }}
{{- end }}
{{- if ne .Values.admission.panel $account }}
{{- fail (printf "portal.enabled: the panel runs as %s, and admission.panel names %q, so admission would refuse what people open in it: leave admission.panel as it is" $account .Values.admission.panel) }}
{{- end }}
{{- end }}

{{- define "assent.portalChosen" -}}
app.kubernetes.io/name: assent
app.kubernetes.io/component: portal
{{- end }}

{{- define "assent.portalLabels" -}}
{{ include "assent.portalChosen" . }}
{{ include "assent.release" . }}
{{- end }}

{{- define "assent.portalKey" -}}
{{ .Values.portal.key.existingSecret | default "assent-portal-key" }}
{{- end }}

{{/* What the panel is started with; what is left out has the program's own default. */}}
{{- define "assent.portalArguments" -}}
{{- $portal := .Values.portal -}}
- portal
- --ledger=$(ASSENT_LEDGER_URL)
- --ledger-key=/etc/assent/ledger.key
- --secret-file=/etc/assent-portal/panel.key
- {{ printf "--host=%s" $portal.httpHost | quote }}
- --port=8080
- {{ printf "--http-host=%s" $portal.httpHost | quote }}
- --http-port=8081
- {{ printf "--public-url=%s" $portal.publicUrl | quote }}
- --session-hours={{ $portal.sessionHours }}
- --requests-per-hour={{ $portal.requestsPerHour }}
- --mails-per-hour={{ $portal.mailsPerHour }}
{{- range $portal.trustedProxies }}
- {{ printf "--trusted-proxy=%s" . | quote }}
{{- end }}
{{ include "assent.portalSignIn" $portal.oidc }}
{{- if $portal.smtp.host }}
{{ include "assent.portalMail" $portal }}
{{- end }}
- --log=json
{{- end }}

{{- define "assent.portalSignIn" -}}
- {{ printf "--oidc-issuer=%s" .issuer | quote }}
- {{ printf "--oidc-client-id=%s" .clientId | quote }}
{{- if .clientSecret }}
- --oidc-client-secret-file=/etc/assent-oidc/client-secret
{{- end }}
{{- if .caSecret }}
- --oidc-ca-file=/etc/assent-oidc-ca/ca.crt
{{- end }}
- {{ printf "--oidc-claim=%s" .claim | quote }}
{{- range .scopes }}
- {{ printf "--oidc-scope=%s" . | quote }}
{{- end }}
{{- with .apiAudience }}
- {{ printf "--oidc-api-audience=%s" . | quote }}
{{- end }}
{{- end }}

{{- define "assent.portalMail" -}}
- {{ printf "--smtp=%s" .smtp.host | quote }}
- --smtp-security={{ .smtp.security }}
{{- if .smtp.credentialsSecret }}
- --smtp-credentials=/etc/assent-smtp
{{- end }}
{{- if .smtp.caSecret }}
- --smtp-ca-file=/etc/assent-smtp-ca/ca.crt
{{- end }}
- {{ printf "--mail-from=%s" .mailFrom | quote }}
{{- end }}

{{/* The Secrets that are given: name of the volume, Secret, where it is mounted, and which keys. */}}
{{- define "assent.portalSecrets" -}}
{{- $portal := .Values.portal -}}
panel-key: {secret: {{ include "assent.portalKey" . }}, path: /etc/assent-portal, keys: [panel.key]}
{{- with $portal.oidc.clientSecret }}
oidc: {secret: {{ . }}, path: /etc/assent-oidc, keys: [client-secret]}
{{- end }}
{{- with $portal.oidc.caSecret }}
oidc-ca: {secret: {{ . }}, path: /etc/assent-oidc-ca, keys: [ca.crt]}
{{- end }}
{{- if $portal.smtp.host }}
{{- with $portal.smtp.credentialsSecret }}
smtp: {secret: {{ . }}, path: /etc/assent-smtp, keys: [username, password]}
{{- end }}
{{- with $portal.smtp.caSecret }}
smtp-ca: {secret: {{ . }}, path: /etc/assent-smtp-ca, keys: [ca.crt]}
{{- end }}
{{- end }}
{{- end }}
