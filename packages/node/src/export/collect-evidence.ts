import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Nation } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import { auditProtocol, receiveEvidence } from '../network/audit-stream.ts'
import type { Progress } from '../node-api.ts'
import type { Transport } from '../ports/transport.ts'

/** What came of asking one partner. */
export type Collected =
  | {
      readonly nation: Nation
      readonly directory: string
      readonly files: number
      readonly bytes: number
    }
  | { readonly nation: Nation; readonly trouble: string }

/** To reach a partner, and to have all of it. */
const openMs = 10_000
const takeMs = 600_000

/**
 * Asks every partner for its evidence about this pair and writes one folder for each that answers; the others are named, and
 * nobody waits for them. A folder is there whole or not at all.
 * @throws {NodeError} `FOLDER_NOT_EMPTY`
 */
export async function collectEvidence(
  { partners }: Pick<Deps, 'partners'>,
  transport: Transport,
  directory: string,
  progress?: Progress,
): Promise<readonly Collected[]> {
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new NodeError(
      'FOLDER_NOT_EMPTY',
      `${directory} is not empty: evidence of another day must not mix with this; choose a new folder`,
    )
  makeFolder(directory, 0o700)
  let done = 0
  const total = partners.size
  progress?.({ stage: 'collect', done, total })
  return Promise.all(
    [...partners.values()].map(async (partner): Promise<Collected> => {
      const into = join(directory, partner.nation)
      try {
        return {
          nation: partner.nation,
          directory: into,
          ...(await takeFrom(partner, transport, into)),
        }
      } catch (error) {
        const trouble = error instanceof Error ? error.message : String(error)
        return { nation: partner.nation, trouble }
      } finally {
        progress?.({ stage: 'collect', done: ++done, total })
      }
    }),
  )
}

async function takeFrom(
  { certificate }: Partner,
  transport: Transport,
  into: string,
): Promise<{ readonly files: number; readonly bytes: number }> {
  await using channel = await transport.open(certificate.peerId, auditProtocol, {
    signal: AbortSignal.timeout(openMs),
  })
  const late = setTimeout(() => channel.abort(new Error('the evidence takes too long')), takeMs)
  const draft = `${into}.part`
  let files = 0
  let bytes = 0
  try {
    for await (const [path, content] of receiveEvidence(channel)) {
      const to = join(draft, path)
      makeFolder(dirname(to), 0o700)
      writeFileSync(to, content, { mode: 0o600, flag: 'wx' })
      files++
      bytes += content.length
    }
    renameSync(draft, into)
    return { files, bytes }
  } finally {
    clearTimeout(late)
    rmSync(draft, { recursive: true, force: true })
  }
}
