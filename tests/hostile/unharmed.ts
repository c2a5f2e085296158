import { parseArgs } from 'node:util'
import { attacks } from './kit/attacks.ts'
import { createBystander } from './kit/bystander.ts'
import { measureAttack, quantile } from './kit/measure-attack.ts'

const usage = `usage: pnpm unharmed [--only WORDS] [--edits 200] [--json]

How long an edit takes to reach a partner while another partner attacks the sending node, beside how long it takes while the attacker's
process burns as much of the machine and sends nothing: in turns, in one run. Prints p50 and p99 of both, in ms, and what one is of the
other. Ends 0 when each p99 is at most twice the one without, 1 when one is not.
  --only WORDS   attacks whose name has these words
  --edits N      edits under each attack, and as many without (at least 100, of which p99 is the second worst)
  --json         {undisturbed: {p50, p99}, attacks: [{attack, share, attacked: {p50, p99}, undisturbed: {p50, p99}, ratio}]}
`
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    edits: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const count = Number(values.edits)
const chosen = Object.keys(attacks).filter((attack) => attack.includes(values.only))
if (!Number.isInteger(count) || count < 100 || chosen.length === 0) {
  process.stderr.write(
    chosen.length === 0
      ? `no attack is named with the words “${values.only}”; there are:\n${Object.keys(attacks)
          .map((attack) => `  ${attack}\n`)
          .join('')}`
      : `--edits is a whole number from 100 on, not ${values.edits}\n`,
  )
  process.exit(2)
}

/** Edits of one turn: short enough that both sides see the same machine. */
const each = 25
const rounded = (all: readonly number[]) => ({
  p50: Math.round(quantile(all, 0.5)),
  p99: Math.round(quantile(all, 0.99)),
})
const all = 'undisturbed, all of them'
const width = Math.max(...[all, ...chosen].map(({ length }) => length))
const line = (name: string, { p50, p99 }: ReturnType<typeof rounded>, rest = '') =>
  `${name.padEnd(width)} ${String(p50).padStart(6)} ${String(p99).padStart(6)}${rest}\n`

await using bystander = await createBystander()
// The first ones load and compile.
await bystander.edits(40)
const rows: (ReturnType<typeof figures> & { readonly attack: string })[] = []
const calm: number[] = []
function figures(measured: Awaited<ReturnType<typeof measureAttack>>) {
  const [attacked, undisturbed] = [rounded(measured.attacked), rounded(measured.undisturbed)]
  return { share: measured.share, attacked, undisturbed, ratio: attacked.p99 / undisturbed.p99 }
}
if (!values.json)
  process.stdout.write(`${''.padEnd(width)}    p50    p99   without    p99   ratio\n`)
for (const attack of chosen) {
  const measured = await measureAttack(bystander, attack, {
    rounds: Math.ceil(count / each),
    each,
  })
  calm.push(...measured.undisturbed)
  const row = { attack, ...figures(measured) }
  rows.push(row)
  const { undisturbed, ratio } = row
  const beside = `${String(undisturbed.p50).padStart(10)} ${String(undisturbed.p99).padStart(6)} ${ratio.toFixed(2).padStart(7)}`
  if (!values.json) process.stdout.write(line(attack, row.attacked, beside))
}
const undisturbed = rounded(calm)
process.stdout.write(
  values.json
    ? `${JSON.stringify({ undisturbed, attacks: rows }, null, 2)}\n`
    : line(all, undisturbed),
)
const harmed = rows.filter(({ ratio }) => ratio > 2)
for (const { attack } of harmed) process.stderr.write(`harmed: ${attack}\n`)
await bystander[Symbol.asyncDispose]()
process.exit(harmed.length === 0 ? 0 : 1)
