import { createJointStore } from '@entente/node/testing'
import type { Nation, VoteSeal } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { give, type Member, nations, openMember, restricted, settle, taking } from './members.ts'
import { nextMoment, sealedVote, sealOf, voted } from './votes.ts'

// AUS runs its own node, and has no officer's key: it says votes all the same.
let federation: Federation
beforeAll(() => {
  federation = createFederation(nations)
})
afterAll(() => federation[Symbol.asyncDispose]())

async function openDocument() {
  const stack = new AsyncDisposableStack()
  const members = nations.map((nation) => stack.use(openMember(federation, nation)))
  const [aus, gbr, usa] = members as [Member, Member, Member]
  const document = await usa.joint.create({
    kind: 'requirement',
    with: ['AUS', 'GBR'],
    validators: ['AUS', 'GBR'],
    quorum: 2,
    documentLabel: restricted,
    dataset: 'joint',
    set: { title: 'Radar' },
    unset: [],
  })
  await settle(members)
  const { heads } = await usa.joint.show(document)
  const sealed = (change: Partial<VoteSeal> = {}, file = 'AUS.officer.pem') =>
    sealOf(
      federation,
      { nation: 'AUS', document, heads, choice: 'endorse', at: nextMoment(aus), ...change },
      file,
    )
  /** The next statement of AUS: a vote under this seal, or under none. */
  let prev: { readonly feed: string; readonly hash: string; readonly seq: number } | null = null
  const saying = (seal: string | undefined, said: object = {}) => {
    const at = aus.deps.clock.nowMs()
    const place = {
      feed: prev?.feed ?? null,
      seq: prev === null ? 0 : prev.seq + 1,
      prev: prev?.hash ?? null,
    }
    const vote = { document, heads, choice: 'endorse', ...(seal !== undefined && { seal }) }
    const payload = { origin: aus.deps.origin, at, ...place, recipients: ['GBR', 'USA'], ...vote }
    return aus.sign('vote', { ...payload, ...said }, null)
  }
  const standing = async (at: Member) => (await at.joint.show(document)).standing
  return {
    aus,
    gbr,
    usa,
    document,
    heads,
    sealed,
    saying,
    standing,
    members,
    /** It was taken: what AUS says next stands behind it. */
    behind: (hash: string) => {
      prev = { feed: prev?.feed ?? hash, hash, seq: (prev?.seq ?? -1) + 1 }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

test('a node without an officer’s key does not vote, whatever seal it has', async () => {
  await using it = await openDocument()
  const { gbr, document, heads } = it
  const before = gbr.db.prepare('SELECT count(*) AS n FROM statement').get()
  const say = (seal?: string) => gbr.joint.vote(document, { choice: 'endorse', heads, seal })
  const by = (change: Partial<VoteSeal> = {}, file = 'GBR.officer.pem') =>
    it.sealed({ nation: 'GBR', ...change }, file)
  const whole = by()
  const [header, payload, signature] = whole.split('.') as [string, string, string]
  for (const [what, code, seal] of [
    ['none', 'VOTE_UNSEALED', undefined],
    ['no seal at all', 'VOTE_SEAL', 'seal'],
    ['a changed one', 'VOTE_SEAL', `${header}.${payload}.${[...signature].reverse().join('')}`],
    ['another choice', 'VOTE_SEAL', by({ choice: 'object' })],
    ['another document', 'VOTE_SEAL', by({ document: 'd'.repeat(43) })],
    ['another nation', 'VOTE_SEAL', it.sealed()],
    ['of tomorrow', 'VOTE_SEAL', by({ at: gbr.deps.clock.nowMs() + 86_400_000 })],
    ['other heads', 'JOINT_STALE', by({ heads: ['e'.repeat(64)] })],
    ['a foreign officer', 'VOTE_PERSON', by({}, 'AUS.officer.pem')],
    ['a policy authority', 'VOTE_PERSON', by({}, 'GBR.authority.pem')],
    ['the root', 'VOTE_PERSON', by({}, 'GBR.root.pem')],
  ] as const)
    await expect(say(seal), what).rejects.toMatchObject({ code })
  expect(gbr.db.prepare('SELECT count(*) AS n FROM statement').get()).toEqual(before)
  await say(whole)
  await expect(say(whole), 'once more').rejects.toMatchObject({ code: 'VOTE_REPLAYED' })
  expect((await it.standing(gbr)).words).toMatchObject([
    { nation: 'AUS', choice: null, by: null, fault: null },
    { nation: 'GBR', choice: 'endorse', by: 'GBR release officer', fault: null },
  ])
})

test('a vote with no seal, or one of nobody’s officer, is kept, shown, and never counted; its feed goes on', async () => {
  await using it = await openDocument()
  const { gbr, usa, document } = it
  await voted(federation, gbr, document, 'endorse')
  await give(gbr, usa)
  const say = async (seal: string | undefined) => {
    const frame = it.saying(seal)
    const refusal = await taking(usa, frame)
    const { words } = await it.standing(usa)
    it.behind(words.find(({ nation }) => nation === 'AUS')?.statement ?? '')
    return refusal
  }
  // As a node of before signs it.
  expect(await say(undefined)).toBe('AUS VOTE_UNSEALED')
  expect((await it.standing(usa)).words[0]).toMatchObject({ fault: 'VOTE_UNSEALED', by: null })
  expect(await say(it.sealed({}, 'GBR.officer.pem'))).toBe('AUS VOTE_PERSON')
  expect(await say(it.sealed({}, 'AUS.authority.pem'))).toBe('AUS VOTE_PERSON')
  expect(await it.standing(usa)).toMatchObject({ state: 'draft', endorsing: ['GBR'] })
  expect(await say(it.sealed())).toBe(null)
  expect(await it.standing(usa)).toMatchObject({ state: 'validated', endorsing: ['AUS', 'GBR'] })
  // What nobody has sealed takes the place of what somebody has: no earlier word comes back.
  expect(await say(undefined)).toBe('AUS VOTE_UNSEALED')
  expect(await it.standing(usa)).toMatchObject({ state: 'draft', endorsing: ['GBR'] })
  // As after a restart: the rows say the same.
  const again = createJointStore(usa.db).state(document)
  expect(again?.votes.filter(({ seal }) => seal === null)).toHaveLength(2)
})

test('a lie that the bytes prove stops the feed of who tells it, at every member, and no other', async () => {
  await using it = await openDocument()
  const { gbr, usa, document } = it
  for (const [what, seal] of [
    ['a seal that is none', 'seal'],
    ['an objection said as an endorsement', it.sealed({ choice: 'object' })],
    ['other heads', it.sealed({ heads: ['e'.repeat(64)] })],
    ['another document', it.sealed({ document: 'd'.repeat(43) })],
    ['the seal of another nation’s vote', it.sealed({ nation: 'GBR' }, 'GBR.officer.pem')],
    ['sealed after it was said', it.sealed({ at: 9_000_000_000_000 })],
  ] as const) {
    const frame = it.saying(seal)
    for (const member of [gbr, usa]) {
      expect(await taking(member, frame), what).toBe('AUS VOTE_SEAL')
      const { stopped } = await member.joint.show(document)
      expect(stopped).toMatchObject([{ nation: 'AUS', seq: 0, code: 'VOTE_SEAL' }])
    }
  }
  await voted(federation, gbr, document, 'endorse')
  await give(gbr, usa)
  expect(await it.standing(usa)).toMatchObject({ state: 'draft', endorsing: ['GBR'] })
})

test('an officer’s old word is not said again after it was taken back', async () => {
  await using it = await openDocument()
  const { aus, usa, document, heads } = it
  const old = sealedVote(federation, 'AUS', document, heads, 'endorse', nextMoment(aus))
  await aus.joint.vote(document, old)
  await voted(federation, aus, document, 'withdraw')
  await give(aus, usa)
  const [, last] = aus.said(document)
  const feed = last?.payload.feed as string
  const said = { feed, seq: 2, prev: (await hashesOf(aus, document)).at(-1) }
  expect(await taking(usa, it.saying(old.seal, said))).toBe('AUS VOTE_REPLAYED')
  expect((await it.standing(usa)).endorsing).toEqual([])
})

test('a person whom two nations certify counts for one of them', async () => {
  await using it = await openDocument()
  const { aus, gbr, usa, document } = it
  await voted(federation, aus, document, 'endorse')
  await give(aus, usa)
  // As if the root of GBR had certified the officer of AUS: nothing in a roster forbids it.
  const shared = usa.deps.roster.members.get('AUS')?.officers[0]
  const theirs = usa.deps.roster.members.get('GBR')?.officers ?? []
  const before = theirs.map((officer) => ({ ...officer }))
  Object.assign(theirs[0] ?? {}, { key: shared?.key })
  const at = nextMoment(gbr)
  const said = {
    nation: 'GBR' as Nation,
    document,
    heads: it.heads,
    choice: 'endorse' as const,
    at,
  }
  const seal = sealOf(federation, said, 'AUS.officer.pem')
  const vote = { document, heads: it.heads, choice: 'endorse', seal }
  const place = { feed: null, seq: 0, prev: null, recipients: ['AUS', 'USA'] }
  const when = { origin: gbr.deps.origin, at: gbr.deps.clock.nowMs() }
  const frame = gbr.sign('vote', { ...when, ...place, ...vote }, null)
  expect(await taking(usa, frame)).toBe('GBR VOTE_ONCE')
  expect(await it.standing(usa)).toMatchObject({ state: 'draft', endorsing: ['AUS'] })
  // An officer whom the root certifies no more has no word, and none comes back in its place.
  Object.assign(theirs[0] ?? {}, before[0])
  expect((await it.standing(usa)).words[1]).toMatchObject({ nation: 'GBR', fault: 'VOTE_PERSON' })
})

const hashesOf = async ({ db }: Member, document: string): Promise<string[]> =>
  db
    .prepare("SELECT hash FROM joint_statement WHERE document = ? AND writer = 'AUS' ORDER BY seq")
    .all(document)
    .map((row) => row['hash'] as string)
