import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { eventually } from '../support/federation.ts'
import { heldOnBothSides, refusals } from '../support/scenario.ts'
import { attacks } from './kit/attacks.ts'
import { type Bystander, createBystander, WORST_MS } from './kit/bystander.ts'
import { type Measured, measureAttack, quantile } from './kit/measure-attack.ts'

let bystander: Bystander
const mostGrowthMb = 300
/** A hundred edits under each attack, and as many without: of fewer nothing could be said of a 99th. */
const turns = { rounds: 4, each: 25 }
/**
 * A machine that is busy with something else can spoil a measurement: then more edits are measured, and all of them are judged together. What
 * a partner does to others it does each time.
 */
const ATTEMPTS = 4
/** After which the attacker may take as much of the node's time as at first: the most that any of its accounts may owe, at the slowest rate. */
const REFILL_MS = 11_000

beforeAll(async () => {
  bystander = await createBystander()
  // The first ones load and compile.
  await bystander.edits(20)
})
afterAll(() => bystander[Symbol.asyncDispose]())

/** What shows that an attack has done what it says, and was not refused at once. */
const didIt: Readonly<
  Record<
    string,
    (measured: Pick<Measured, 'did' | 'heard' | 'held'>, refused: ReadonlySet<string>) => void
  >
> = {
  'begins frames and sends a byte of them now and then': ({ held }) =>
    expect(Math.max(...held)).toBe(32),
  'asks for everything and never reads': ({ heard }) =>
    expect(Math.max(...heard)).toBeGreaterThan(256 * 1024),
  'signs gaps, wrong order, feeds of others and unknown kinds, and repeats what is well': (
    _,
    refused,
  ) => {
    // Fewer and fewer: after each the node does not listen for twice as long, since what is well belongs to another feed.
    expect(refused.size).toBeGreaterThan(0)
    for (const code of refused) expect(code).toMatch(/^(FEED|POLICY|STATEMENT|UPGRADE)_/)
  },
  'signs changes of a joint document that are none': (_, refused) => {
    for (const code of ['JOINT_ACTOR', 'JOINT_CHUNK', 'JOINT_MESSAGE', 'JOINT_OPERATION'])
      expect(refused).toContain(code)
  },
  'opens ten thousand streams': ({ did }) =>
    expect(did.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(10_000),
}

function say(
  attack: string,
  { attacked, undisturbed, share, did, heard, held, grownMb }: Measured,
): void {
  const ms = (all: readonly number[]) =>
    `${Math.round(quantile(all, 0.5))} ms, p99 ${Math.round(quantile(all, 0.99))}`
  process.stderr.write(
    `kit: ${attack}: an edit reaches the other partner in ${ms(attacked)} (undisturbed ${ms(undisturbed)}); the attacker sent ${did.join('+')} frames, held ${held.join('+')} streams, had ${Math.round(Math.max(...heard) / 1024)} KiB lying there, and used ${Math.round(100 * share)} % of a core; ${Math.round(grownMb)} MB more\n`,
  )
}

test.skipIf(process.platform !== 'linux').each(Object.keys(attacks))(
  'a partner that %s: the other partner is not harmed, memory stays bounded, the node is up',
  { timeout: 600_000 },
  async (attack) => {
    const refusedBy = () =>
      refusals(bystander.federation.folder('USA')).filter(({ from }) => from === 'AUS')
    const before = refusedBy().length
    const all: Measured[] = []
    const judge = (last: Measured): void => {
      const refused = refusedBy().slice(before)
      const of = (name: 'did' | 'heard' | 'held' | 'attacked' | 'undisturbed') =>
        all.flatMap((measured) => measured[name])
      // A turn of one that is in debt may come to nothing at all.
      expect(Math.max(...last.did)).toBeGreaterThan(0)
      didIt[attack]?.(
        { did: of('did'), heard: of('heard'), held: of('held') },
        new Set(refused.map(({ code }) => code)),
      )
      expect(Math.max(...last.attacked)).toBeLessThan(WORST_MS)
      expect(quantile(of('attacked'), 0.99)).toBeLessThanOrEqual(
        2 * quantile(of('undisturbed'), 0.99),
      )
    }
    for (;;) {
      const measured = await measureAttack(bystander, attack, turns)
      say(attack, measured)
      expect(measured.grownMb).toBeLessThan(mostGrowthMb)
      all.push(measured)
      try {
        judge(measured)
        break
      } catch (error) {
        if (all.length === ATTEMPTS) throw error
        await sleep(REFILL_MS)
      }
    }
    const { state, partners } = await bystander.usa.call('status')
    expect(state).toBe('serving')
    expect(partners.find(({ nation }) => nation === 'GBR')?.connected).toBe(true)
  },
)

test('after all attacks both sides hold the same, each once, and the log is whole', async () => {
  const { federation, usa, records } = bystander
  await eventually('acknowledged', async () => {
    const { partners } = await usa.call('status')
    return partners.find(({ nation }) => nation === 'GBR')?.sent.acknowledged
  })
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(sent).toHaveLength(records())
  expect(received).toEqual(sent)
  checkFeeds(federation, 'USA', 'GBR')
  checkLog(federation, 'USA')
})
