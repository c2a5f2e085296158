import { serveWitness } from '@entente/node'
import { z } from 'zod'
import { HttpAddressText, httpAddressOf } from '../../http-address.ts'
import { serveUntilStopped } from '../../serve-until-stopped.ts'
import { defineVerb } from '../../verb.ts'

export const witnessServeVerb = defineVerb({
  name: 'witness serve',
  purpose:
    'Let clients written by others ask this node’s witness over HTTP (C2SP tlog-witness) to cosign the logs of the roster. Runs beside `entente serve`.',
  options: [{ flags: '--listen <address>', purpose: 'host:port (else 127.0.0.1:8081)' }],
  example: 'witness serve --listen 127.0.0.1:8081',
  next: 'curl http://127.0.0.1:8081/HEX/checkpoint, HEX being the SHA-256 of a log’s origin',
  input: z.strictObject({ listen: HttpAddressText.default('127.0.0.1:8081') }),
  run: (session, { listen }) =>
    serveUntilStopped(
      session,
      (api) => serveWitness((request) => api.witnessAnswer(request), httpAddressOf(listen)),
      (url, { nation }) => `the witness of ${nation} at ${url}add-checkpoint`,
    ),
})
