import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { canonicalJson, type DataRecord, recordKeyOf, toHex, versionOf } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { logFiles } from '../log/log-files.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { makeFolder } from '../make-folder.ts'
import type { Progress } from '../node-api.ts'
import {
  ackRows,
  checkpointRows,
  heldRows,
  jointReceivedRows,
  jointRows,
  receivedRows,
} from './partner-rows.ts'

/** Writes the auditor's bundle as `docs/protocol.md` lays it out. The whole log must be published. */
export function exportBundle(
  deps: Deps,
  log: ReleaseLog,
  publisher: { readonly published: () => PublishedLog },
  request: {
    readonly directory: string
    readonly withContent: boolean
    readonly exercise: string | undefined
  },
  progress?: Progress,
): { files: number; leaves: number } {
  const { db, hash } = deps
  const { directory, withContent, exercise } = request
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new NodeError(
      'FOLDER_NOT_EMPTY',
      `${directory} is not empty: a bundle is exactly the files its manifest names; choose a new folder`,
    )
  const files: Record<string, string> = {}
  const write = (path: string, content: string | Uint8Array): void => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    const to = join(directory, path)
    makeFolder(dirname(to), 0o700)
    writeFileSync(to, bytes, { mode: 0o600 })
    files[path] = toHex(hash(bytes))
    progress?.({ stage: 'export', done: Object.keys(files).length })
  }
  const lines = (
    path: string,
    sql: string,
    map: (row: Record<string, unknown>) => unknown,
  ): void => {
    const out: string[] = []
    for (const row of db.prepare(sql).iterate()) out.push(`${canonicalJson(map(row))}\n`)
    write(path, out.join(''))
  }
  const rows = (path: string, all: Iterable<unknown>): void =>
    write(path, Array.from(all, (row) => `${canonicalJson(row)}\n`).join(''))
  const { size, note } = publisher.published()
  for (const [path, bytes] of logFiles(log, { size, note })) write(`log/${path}`, bytes)
  lines(
    'openings.jsonl',
    'SELECT idx, jws, salt FROM statement WHERE jws IS NOT NULL ORDER BY idx',
    (row) => ({
      index: row['idx'],
      jws: row['jws'],
      salt: toHex(row['salt'] as Uint8Array),
    }),
  )
  lines('entries.jsonl', 'SELECT idx, opening FROM entry_out ORDER BY idx, digest', (row) => ({
    index: row['idx'],
    opening: JSON.parse(row['opening'] as string),
  }))
  lines('inputs.jsonl', 'SELECT idx, json FROM decision_inputs ORDER BY idx', (row) => ({
    index: row['idx'],
    inputs: JSON.parse(row['json'] as string),
  }))
  lines('approvals.jsonl', 'SELECT idx, opening, value FROM approval ORDER BY idx', (row) => ({
    index: row['idx'],
    opening: JSON.parse(row['opening'] as string),
    ...(withContent && { value: JSON.parse(row['value'] as string) }),
  }))
  lines(
    'consents.jsonl',
    'SELECT digest, seal FROM consent UNION SELECT digest, seal FROM consent_given UNION SELECT consent, seal FROM consented_in ORDER BY 1',
    (row) => ({
      seal: row['seal'],
    }),
  )
  lines('root-recalls.jsonl', 'SELECT seal FROM root_recall ORDER BY digest', ({ seal }) => ({
    seal,
  }))
  lines(
    'root-successions.jsonl',
    'SELECT nation, signed FROM root_succession ORDER BY nation, root_from, root_to',
    (row) => ({ nation: row['nation'], ...JSON.parse(row['signed'] as string) }),
  )
  for (const [file, table] of [
    ['policies.jsonl', 'policy_edition'],
    ['registers.jsonl', 'register_edition'],
  ] as const)
    lines(file, `SELECT signed FROM ${table} ORDER BY edition`, (row) =>
      JSON.parse(row['signed'] as string),
    )
  lines(
    'checkpoints.jsonl',
    'SELECT size, note, cosigs FROM checkpoint WHERE published_ms IS NOT NULL ORDER BY size',
    (row) => ({
      size: row['size'],
      note: `${row['note'] as string}${row['cosigs'] as string}`,
    }),
  )
  for (const side of ['given', 'received'] as const)
    rows(`acks-${side}.jsonl`, ackRows(db, side, null))
  rows('received.jsonl', [...receivedRows(db, null), ...jointReceivedRows(db, deps.nation, null)])
  rows('joint.jsonl', jointRows(db, deps.nation, withContent))
  rows('held.jsonl', heldRows(db, null))
  rows('partner-checkpoints.jsonl', checkpointRows(db, null))
  if (withContent) {
    lines('sources.jsonl', 'SELECT digest, json FROM source_version ORDER BY digest', (row) => {
      const record = JSON.parse(row['json'] as string) as DataRecord
      const key = recordKeyOf(deps.fragmentKey, record.id)
      return { digest: versionOf(key, row['digest'] as string), record }
    })
    // A catalogue may be shown by a record that never went.
    const named =
      "SELECT record FROM entry_out UNION SELECT value ->> '$[0]' FROM statement JOIN decision_inputs USING (idx), json_each(decision_inputs.json, '$.records') WHERE kind = 'catalogue' ORDER BY 1"
    lines('record-keys.jsonl', named, (row) => ({
      record: row['record'],
      key: toHex(recordKeyOf(deps.fragmentKey, row['record'] as string)),
    }))
  }
  const manifest = {
    format: 'entente-bundle/1',
    ...(exercise === undefined ? {} : { exercise }),
    nation: deps.nation,
    origin: deps.origin,
    withContent,
    files,
  }
  writeFileSync(join(directory, 'manifest.json'), `${canonicalJson(manifest)}\n`, { mode: 0o600 })
  return { files: Object.keys(files).length + 1, leaves: size }
}
