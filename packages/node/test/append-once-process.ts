import { writeSync } from 'node:fs'
import { leavesOf } from './append-leaves.ts'
import { openLog } from './open-log.ts'

/**
 * Appends to a log, and then once more whatever became of the first. Says every checkpoint that may leave a node, and every
 * failure. With a number it kills itself, as a power cut would, at that step.
 */
const [path = '', killAt = '0'] = process.argv.slice(2)
let left = Number(killAt)
const step = () => {
  if (--left === 0) process.kill(process.pid, 'SIGKILL')
}
const say = (said: object) => writeSync(1, `${JSON.stringify(said)}\n`)
const attempt = (work: () => object) => {
  try {
    say(work())
  } catch (error) {
    say({ error: (error as { readonly code?: string }).code ?? String(error) })
  }
}
attempt(() => {
  const { db, log } = openLog(path, undefined, step)
  for (const name of ['first', 'second'])
    attempt(() => {
      db.transact(() => {
        log.append(leavesOf(name, 3))
        step()
      })
      step()
      log.noteHead()
      step()
      return { note: log.head().note }
    })
  return {}
})
