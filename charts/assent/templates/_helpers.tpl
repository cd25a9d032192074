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
{{- end }}

{{- define "assent.chosen" -}}
app.kubernetes.io/name: assent
app.kubernetes.io/component: operator
{{- end }}

{{- define "assent.labels" -}}
{{ include "assent.chosen" . }}
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
