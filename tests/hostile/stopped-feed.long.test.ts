import {
  type Channel,
  controlProtocol,
  feedProtocol,
  type NoticeFrame,
  type StatementFrame,
  witnessProtocol,
} from '@entente/node/testing'
import { digestOpening, type Opening, utf8 } from '@entente/schema'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { createHostileSender, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import { livePolicy, refusals } from '../support/scenario.ts'

/** GBR's node, and a sender of the USA that says on each stream what a test has it say to every resume. */
async function stage() {
  const owned = new AsyncDisposableStack()
  const federation = owned.use(createFederation(['GBR', 'USA']))
  const gbr = await federation.open('GBR', { alone: true })
  const raw = owned.use(await createRawPartner(federation, 'USA', 'GBR'))
  const sender = createHostileSender(federation, 'USA', 'GBR', Date.now())
  sender.logPolicy(livePolicy('USA'))
  const fragment = fragmentOf('USA', { title: 'kestrel' })
  const put = putOf(fragment)
  const codes = () => refusals(federation.folder('GBR')).map(({ code }) => code)
  const serve = (protocol: string, answer: (baseSize: number) => Promise<readonly Told[]>) =>
    raw.transport.handle(protocol, async (channel: Channel) => {
      const say = (frame: object) => channel.send(utf8(JSON.stringify(frame))).catch(() => {})
      for await (const bytes of channel.frames) {
        const { t, checkpoint } = JSON.parse(Buffer.from(bytes).toString())
        if (t !== 'resume') continue
        await say({ t: 'resumed' })
        for (const frame of await answer(checkpoint?.size ?? 0)) await say(frame)
      }
    })
  const kestrels = async () => (await gbr.search({ text: 'kestrel' })).length
  return {
    ...{ gbr, sender, fragment, put, codes, serve, kestrels },
    dial: () => raw.open(witnessProtocol),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
type Told = StatementFrame | NoticeFrame

test('a refused statement stops its own feed, and no other of that partner', {
  timeout: 60_000,
}, async () => {
  await using on = await stage()
  const { gbr, sender, fragment, put } = on
  // In the order in which an honest node sends: by dataset. The policy comes with neither of them again.
  const release = sender.log('release', sender.release([put]))
  sender.follow(release)
  const refused = sender.log('later-kind', {
    ...{ ...sender.release([]), feed: null, seq: 0, prev: null },
    ...{ dataset: 'alpha', critical: true },
  })
  const { policy, ...without } = sender.frame(release, {
    ...{ baseSize: sender.size(), openings: [put], bodies: [fragment] },
  })
  let resumes = 0
  await on.serve(feedProtocol, async (baseSize) => {
    resumes++
    return [{ ...sender.frame(refused, { baseSize }), ...(policy && { policy }) }, without]
  })
  await on.serve(controlProtocol, async () => [])
  await on.dial()
  await eventually('resumed again', () => resumes > 2, 30_000)
  expect(new Set(on.codes())).toEqual(new Set(['UPGRADE_NEEDED']))
  expect(await on.kestrels()).toBe(1)
  const [usa] = (await gbr.status()).partners
  expect(usa).toMatchObject({ inSync: false })
  expect(usa?.words).toMatch(/^what it sends waits behind what was refused: /)
})

test.each([
  ['before', true],
  ['behind', false],
])(
  'what takes back is carried out %s a statement that is refused',
  { timeout: 60_000 },
  async (_, isFirst) => {
    await using on = await stage()
    const { sender, fragment, put } = on
    const release = sender.log('release', sender.release([put]))
    let bad: readonly Told[] | null = null
    await on.serve(feedProtocol, async (baseSize) => [
      sender.frame(release, { baseSize, openings: [put], bodies: [fragment] }),
    ])
    await on.serve(controlProtocol, async () => {
      await eventually('there is something to take back', () => bad !== null, 30_000)
      return bad ?? []
    })
    await on.dial()
    await eventually('it is there', async () => (await on.kestrels()) === 1, 20_000)
    sender.follow(release)
    const drop: Opening = ['A'.repeat(22), { op: 'drop', record: fragment.head.id }]
    const later = sender.log('later-kind', {
      ...{ ...sender.release([]), feed: null, seq: 0, prev: null },
      ...{ dataset: '', critical: true },
    })
    const narrow = sender.log(
      'release',
      sender.release([drop], { effect: 'narrow', entries: [digestOpening(drop)] }),
    )
    const told = [sender.frame(later, { baseSize: 3 }), sender.notice(narrow, [drop])]
    bad = isFirst ? told.toReversed() : told
    await eventually('refused', () => on.codes().includes('UPGRADE_NEEDED'), 20_000)
    await eventually('it is hidden', async () => (await on.kestrels()) === 0, 10_000)
  },
)
