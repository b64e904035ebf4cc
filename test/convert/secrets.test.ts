import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { convert } from "../../src/convert/convert.ts"
import { targets } from "../../src/convert/targets.ts"

const secret = "s3cr3t"

/** It is in each place where a secret may be. */
const text = `
spec:
  containers:
  - name: web
    image: gcr.io/shop/web
    command: [${secret}]
    args: [${secret}, --x=$(A)]
    env:
    - {name: A, value: ${secret}}
    - {name: B, value: "${secret} $(A) $(C)"}
    - {name: C, valueFrom: {secretKeyRef: {name: outside}}}
    envFrom: [{secretRef: {name: s}}]
    lifecycle: {postStart: {exec: {command: [${secret}]}}, preStop: {httpGet: {port: 80, path: "/?k=${secret}"}}}
    livenessProbe: {exec: {command: [${secret}]}}
    readinessProbe: {httpGet: {port: 80, path: "/?k=${secret}", httpHeaders: [{name: X, value: ${secret}}]}}
    logging: {driver: splunk, options: {splunk-token: ${secret}}}
    volumeMounts: [{name: f, mountPath: /f}]
  imagePullSecrets: [{name: r}]
  volumes: [{name: f, secret: {secretName: s}}]
---
{kind: Secret, metadata: {name: s}, stringData: {k: ${secret}}}
---
{kind: Secret, metadata: {name: r}, type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: '{"auths": {"r.example": {"username": "u", "password": "${secret}"}}}'}}
`

describe("what may be a secret", () => {
  for (const to of targets) {
    it(`is in the files of ${to}, and nowhere else`, () => {
      const conversion = Result.getOrThrow(convert({ file: "web.yaml", text }, { from: "declaration", to }))
      assert.notInclude(inspect(conversion, { depth: 20 }), secret)
      assert.notInclude(JSON.stringify(conversion), secret)
      assert.isTrue(conversion.files.some(({ isSecret }) => isSecret))
    })
  }
})
