// First, so that nothing is loaded before clock and chance are ours.
import './virtual-world.ts'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nations } from './nations.ts'
import { prepare, simulate } from './run.ts'

/** `FIRST COUNT [LIARS] [FILE]`: runs these seeds; the trace of one that breaks a promise is printed, of any when a FILE is named. */
const [first = 1, count = 1] = process.argv.slice(2, 4).map(Number)
const [liars = '', traceFile] = process.argv.slice(4)
const print = (text: string) => void process.stdout.write(`${text}\n`)

// Nothing here outlives the process, so memory is disk enough.
const root = mkdtempSync(
  join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'entente-simulation-'),
)
process.on('exit', () => rmSync(root, { recursive: true, force: true }))

const prepared = await prepare(root)
for (let seed = first; seed < first + count; seed++) {
  const { failures, trace, digest, noticed } = await simulate(
    seed,
    prepared,
    liars === '' ? undefined : Number(liars),
  )
  const lines = trace.lines().join('\n')
  if (traceFile !== undefined) writeFileSync(traceFile, `${lines}\n`)
  const story = `seed ${seed} of ${nations.length} nations`
  if (failures.length === 0) {
    print(`${story}: ${digest}${noticed.length === 0 ? '' : `; fork: ${noticed.join(', ')}`}`)
    continue
  }
  process.exitCode = 1
  const again = `pnpm simulate --seed ${seed}${liars === '' ? '' : ` --liars ${liars}`} --nations ${nations.length}`
  print(`${story} BREAKS A PROMISE. Again: ${again}`)
  print(failures.map((words) => `  ${words}`).join('\n'))
  if (traceFile === undefined) print(lines)
}
