import type { Status } from '@entente/node'
import type { Nation } from '@entente/schema'
import { rows, soundNations } from './checks.ts'
import { nations } from './nations.ts'
import type { SimulatedNetwork } from './network.ts'
import type { Story } from './story.ts'
import { owned } from './virtual-world.ts'

/** What each sound node that lives says of itself and its partners, and of which it says nothing, in words. */
async function asked(story: Story) {
  const statuses = new Map<Nation, Status>()
  const mute: string[] = []
  for (const nation of soundNations(story)) {
    const { owner, node } = story.process(nation)
    const open = node()
    if (open === null) continue
    await owned(owner, () => open.status()).then(
      (status) => {
        statuses.set(nation, status)
        if (status.partners.length !== nations.length - 1)
          mute.push(`${nation} speaks of ${status.partners.length} partners`)
      },
      (error: unknown) => {
        if (!owner.dead) mute.push(`${nation} gives no status: ${String(error)}`)
      },
    )
  }
  return { statuses, mute }
}

const pairsOf = (story: Story) =>
  soundNations(story).flatMap((one) =>
    soundNations(story)
      .filter((other) => other !== one)
      .map((other) => [one, other] as const),
  )

/** What the recipient has not got of what the sender has sealed for it, by both databases. */
function behind(story: Story, sender: Nation, recipient: Nation): boolean {
  const got = new Map(
    rows(story.process(recipient).folder, 'SELECT feed, seq FROM feed_in').map(
      ({ feed, seq }) => [feed, seq] as const,
    ),
  )
  return rows(
    story.process(sender).folder,
    'SELECT feed, seq FROM feed_out WHERE recipient = ?',
    recipient,
  ).some(({ feed, seq }) => got.get(feed) !== seq)
}

/**
 * Where the status of a sound node says what is not so, in words. What changes between the looks before and behind it is left out: it may be told of
 * either.
 */
export async function untold(story: Story, network: SimulatedNetwork): Promise<string[]> {
  const look = () =>
    new Map(
      pairsOf(story).map(([one, other]) => [
        `${one} ${other}`,
        { linked: network.linked(one, other), behind: behind(story, one, other) },
      ]),
    )
  const before = look()
  const { statuses, mute } = await asked(story)
  const after = look()
  const untrue = [...statuses].flatMap(([nation, { partners }]) =>
    partners.flatMap((partner) => {
      const key = `${nation} ${partner.nation}`
      const [then, now] = [before.get(key), after.get(key)]
      if (then === undefined || now === undefined) return []
      const isLinked = then.linked === now.linked ? now.linked : partner.connected
      // Of a log that nothing is admitted from, that is said first.
      const saysSo = partner.standing !== 'good' || /^unreachable .*dialling/.test(partner.words)
      const said: readonly (readonly [boolean, string])[] = [
        [partner.connected && !isLinked, 'connected; there is no line'],
        [!partner.connected && isLinked, 'not connected; there is a line'],
        [!partner.connected && !saysSo, 'not connected; the words do not say so'],
        [partner.inSync !== /^in sync/.test(partner.words), `in sync: ${partner.inSync}`],
        [partner.inSync && then.behind && now.behind, 'in sync; it has not got all'],
      ]
      return said
        .filter(([is]) => is)
        .map(([, what]) => `${nation} says of ${partner.nation} "${partner.words}", ${what}`)
    }),
  )
  return [...mute, ...untrue]
}

/** What sound nodes say of one another, when all is well, that is not so. */
export async function notInSync(story: Story): Promise<string[]> {
  const { statuses, mute } = await asked(story)
  const sound = soundNations(story)
  const silent = sound.filter((nation) => !statuses.has(nation))
  return [
    ...mute,
    ...silent.map((nation) => `${nation} gives no status when all is well`),
    ...[...statuses].flatMap(([nation, { partners }]) =>
      partners
        .filter((partner) => sound.includes(partner.nation) && !partner.inSync)
        .map(
          ({ nation: other, words }) => `${nation} says of ${other} "${words}" when all is well`,
        ),
    ),
  ]
}
