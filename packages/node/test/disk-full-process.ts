import { writeSync } from 'node:fs'
import { leavesOf } from './append-leaves.ts'
import { openLog } from './open-log.ts'

/**
 * `fill PATH`: appends to a log until the disk takes no more, and once again; says every checkpoint that may leave a node and every
 * failure. `check PATH`: says what the log is found to be, and all checkpoints that it has signed.
 */
const [what, path = ''] = process.argv.slice(2)
const say = (said: object) => writeSync(1, `${JSON.stringify(said)}\n`)
const codeOf = (error: unknown) => {
  const { code, message } = error as { readonly code?: string; readonly message: string }
  return code === 'ERR_SQLITE_ERROR' ? message : (code ?? message)
}
if (what === 'check') {
  const { db, log, headFile, findings } = openLog(path)
  const ahead = (headFile.read() ?? 0) > log.head().size
  log.noteHead()
  const notes = db.prepare('SELECT note FROM checkpoint ORDER BY size').all()
  say({ ahead, findings: await findings(), notes: notes.map(({ note }) => note) })
} else
  try {
    const { db, log } = openLog(path)
    for (let failures = 0, group = 0; failures < 2 && group < 10_000; group++)
      try {
        db.transact(() => log.append(leavesOf(`group ${group}`, 2, 'x'.repeat(9_000))))
        log.noteHead()
        say({ note: log.head().note })
      } catch (error) {
        say({ error: codeOf(error) })
        failures++
      }
  } catch (error) {
    say({ error: codeOf(error) })
  }
