import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { saveCrasher } from './crashers.ts'
import { targets } from './targets.ts'

const usage = `usage: pnpm fuzz [--target NAME] [--seconds 10] [--seed S] [--case C]

Feeds every parser with changed inputs for so many seconds each. An input that breaks a promise is kept among the crashers, which every later
test run reads. Ends 0 when none did, 1 when one did, with how to try it again.
  --target NAME  this parser alone; a name that there is not lists them all
  --seed S       what the changes are made from
  --case C       the first input
`
const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target)
if (chosen.length === 0) {
  process.stderr.write(
    `no such target; there are:\n${targets.map(({ name }) => `  ${name}\n`).join('')}`,
  )
  process.exit(2)
}

/** An input that takes longer hangs; then only the end of its thread helps. */
const hangsAfterMs = 60_000
const memoryMb = 512

const run = (target: string): Promise<void> =>
  new Promise((resolve) => {
    const worker = new Worker(new URL('fuzz-worker.ts', import.meta.url), {
      workerData: {
        target,
        seed: Number(values.seed),
        from: Number(values.case),
        seconds: Number(values.seconds),
      },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    })
    let at = Number(values.case)
    let watch: NodeJS.Timeout | undefined
    const end = (why: string | null, input?: Uint8Array) => {
      clearTimeout(watch)
      if (why !== null) {
        process.exitCode = 1
        const kept = input === undefined ? '' : `\n  kept as ${saveCrasher(target, input)}`
        process.stdout.write(
          `${target} ${why}\n  again: pnpm fuzz --target '${target}' --seed ${values.seed} --case ${at}${kept}\n`,
        )
      }
      void worker.terminate().then(() => resolve())
    }
    const wait = () => {
      clearTimeout(watch)
      watch = setTimeout(() => end(`hangs for ${hangsAfterMs} ms`), hangsAfterMs)
    }
    worker.on(
      'message',
      (message: { at: number; done?: number; why?: string; input?: Uint8Array }) => {
        at = message.at
        wait()
        if (message.why !== undefined) end(message.why, message.input)
        else if (message.done !== undefined) {
          process.stdout.write(`${target}: ${message.done} inputs\n`)
          end(null)
        }
      },
    )
    worker.on('error', (error) => end(`ends its thread: ${error.message}`))
  })

for (const { name } of chosen) await run(name)
process.exit()
