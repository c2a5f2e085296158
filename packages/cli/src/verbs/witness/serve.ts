import { existsSync } from 'node:fs'
import { lockFolder, openWitness, serveWitness } from '@entente/node'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile } from '../../files.ts'
import { HttpAddressText, httpAddressOf } from '../../http-address.ts'
import { serveUntilStopped } from '../../serve-until-stopped.ts'
import type { Session } from '../../session.ts'
import { defineVerb, type Outcome } from '../../verb.ts'

export const witnessServeVerb = defineVerb({
  name: 'witness serve',
  arguments: '[dir]',
  purpose:
    'Let clients written by others ask this node’s witness over HTTP (C2SP tlog-witness) to cosign the logs of the roster. Runs beside `entente serve`; given the folder of a neutral witness, without any node.',
  options: [
    { flags: '--listen <address>', purpose: 'host:port (else 127.0.0.1:8081)' },
    { flags: '--roster <file>', purpose: 'of a neutral witness: the roster that names it' },
  ],
  example: 'witness serve --listen 127.0.0.1:8081',
  next: 'curl http://127.0.0.1:8081/HEX/checkpoint, HEX being the SHA-256 of a log’s origin',
  input: z.strictObject({
    dir: z.string().optional(),
    roster: z.string().optional(),
    listen: HttpAddressText.default('127.0.0.1:8081'),
  }),
  run: async (session, { dir, roster, listen }) => {
    if (dir !== undefined) return await serveNeutral(session, dir, roster, listen)
    if (roster !== undefined)
      throw new CliError('USAGE', '--roster is for a neutral witness: name its folder as well')
    return await serveUntilStopped(
      session,
      (api) => serveWitness((request) => api.witnessAnswer(request), httpAddressOf(listen)),
      (url, { nation }) => `the witness of ${nation} at ${url}add-checkpoint`,
    )
  },
})

async function serveNeutral(
  { io, json, say }: Session,
  dir: string,
  roster: string | undefined,
  listen: string,
): Promise<Outcome> {
  if (roster === undefined)
    throw new CliError('USAGE', 'name the roster whose logs it cosigns with --roster')
  if (!existsSync(dir))
    throw new CliError('FILE_MISSING', `${dir} is missing: make a witness with witness init`)
  using _lock = lockFolder(dir)
  const stopped = io.stopped()
  using witness = openWitness(dir, readJsonFile(roster))
  await using server = await serveWitness(
    async (request) => witness.answer(request),
    httpAddressOf(listen),
  )
  const lost = witness.lost()
  if (lost !== null)
    say(`cosigns nothing, because it may have lost state: ${lost}. Make another: witness init`)
  const { url } = server
  const { name, origins } = witness
  const words = `the witness ${name} at ${url}add-checkpoint, for ${origins.join(', ')}`
  // Said at once: whoever started this process waits for the line.
  io.out(json ? `${JSON.stringify({ serving: url })}\n` : `${words}\n`)
  const signal = await stopped
  if (!json) say('stopping …')
  return { json: null, text: '', exit: signal === 'SIGINT' ? EXIT.interrupted : EXIT.done }
}
