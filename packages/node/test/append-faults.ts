import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { leavesOf } from './append-leaves.ts'
import { openLog } from './open-log.ts'

const program = fileURLToPath(new URL('append-once-process.ts', import.meta.url))

/** What one process has said: checkpoints that left it, and codes of what it could not do. */
export type Said = { readonly note: string } | { readonly error: string }

/** Command that appends twice to the log at a path: the second time whatever became of the first. */
export const appendCommand = (path: string, killAt = 0): string[] => [
  process.execPath,
  program,
  path,
  String(killAt),
]

export function run(command: readonly string[]): SpawnSyncReturns<string> & { said: Said[] } {
  const [file = '', ...args] = command
  const done = spawnSync(file, args, { encoding: 'utf8' })
  const said = done.stdout.split('\n').filter(Boolean)
  return { ...done, said: said.map((line) => JSON.parse(line) as Said) }
}

/** A log of five leaves, closed whole. */
export function makeBase(path: string): void {
  const { db, log } = openLog(path)
  db.transact(() => log.append(leavesOf('base', 5)))
  log.noteHead()
  db[Symbol.dispose]()
}

export function copyBase(from: string, to: string): void {
  for (const end of ['-wal', '-shm']) rmSync(`${to}${end}`, { force: true })
  for (const end of ['', '.head']) cpSync(`${from}${end}`, `${to}${end}`)
}

/**
 * Opens the log again after whatever happened to its writer: it fits, no signed checkpoint that left the writer is of another
 * tree, the size outside the database is not ahead of it, and it goes on.
 */
export async function expectWhole(path: string, said: readonly Said[]): Promise<void> {
  const { db, log, headFile, findings } = openLog(path)
  try {
    expect(headFile.read()).toBeLessThanOrEqual(log.head().size)
    // What the node does at its start.
    log.noteHead()
    expect(await findings()).toEqual([])
    db.transact(() => log.append(leavesOf('after', 3)))
    log.noteHead()
    expect(await findings()).toEqual([])
    for (const each of said)
      if ('note' in each) {
        const size = Number(each.note.split('\n')[1])
        expect(log.checkpointNote(size)).toBe(each.note)
      }
  } finally {
    db[Symbol.dispose]()
  }
}
