import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mostNations } from './nations.ts'

const usage = `usage: pnpm simulate [--seed S] [--seeds N] [--nations 8] [--jobs 2] [--trace FILE] [--liars L]

Tells stories of whole nodes in one process, on a clock and a network of its own: the same seed tells the same story for ever. Ends 0 when
every promise held, 1 when one was broken, with how to tell it again.
  --seed S       the first story
  --seeds N      so many, one after the other
  --nations N    from 4 to ${mostNations}
  --jobs J       processes that share them
  --trace FILE   all that happened, of the last
  --liars L      so many witnesses lie for a log that is forked: with five of eight, promises do break
`
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    trace: { type: 'string' },
    liars: { type: 'string', default: '' },
    nations: { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const whole = (name: 'seed' | 'seeds' | 'jobs' | 'nations'): number => {
  if (/^[1-9]\d{0,8}$/.test(values[name])) return Number(values[name])
  process.stderr.write(`--${name} is a whole number above 0, not ${values[name]}\n`)
  process.exit(2)
}
const [seed, seeds] = [whole('seed'), whole('seeds')]
const count = whole('nations')
if (count < 4 || count > mostNations) {
  process.stderr.write(`--nations is from 4 to ${mostNations}, not ${count}\n`)
  process.exit(2)
}
const env = { ...process.env, SIMULATED_NATIONS: String(count) }
const jobs = Math.min(whole('jobs'), seeds)
const worker = fileURLToPath(new URL('worker.ts', import.meta.url))

const run = (first: number, count: number): Promise<number> =>
  new Promise((resolve) => {
    const args = [worker, String(first), String(count), values.liars]
    if (values.trace !== undefined) args.push(values.trace)
    spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] }).once(
      'exit',
      (code) => resolve(code ?? 1),
    )
  })
const share = Math.ceil(seeds / jobs)
const codes = await Promise.all(
  Array.from({ length: jobs }, (_, i) =>
    run(seed + i * share, Math.max(0, Math.min(share, seeds - i * share))),
  ),
)
process.exitCode = Math.max(...codes)
