import { serveLog } from '@entente/node'
import { z } from 'zod'
import { HttpAddressText, httpAddressOf } from '../../http-address.ts'
import { serveUntilStopped } from '../../serve-until-stopped.ts'
import { defineVerb } from '../../verb.ts'

export const logServeVerb = defineVerb({
  name: 'log serve',
  purpose:
    'Serve the published release log over HTTP, read only, to monitors and mirrors (C2SP tlog-tiles). Runs beside `entente serve`.',
  options: [{ flags: '--listen <address>', purpose: 'host:port (else 127.0.0.1:8080)' }],
  example: 'log serve --listen 127.0.0.1:8080',
  next: 'curl http://127.0.0.1:8080/checkpoint',
  input: z.strictObject({ listen: HttpAddressText.default('127.0.0.1:8080') }),
  run: (session, { listen }) =>
    serveUntilStopped(
      session,
      (api) =>
        serveLog(async (path) => {
          const bytes = await api.logFile(path)
          return bytes === null ? null : Buffer.from(bytes, 'base64')
        }, httpAddressOf(listen)),
      (url, { nation }) => `the log of ${nation} at ${url}checkpoint`,
    ),
})
