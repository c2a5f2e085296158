import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { quorumFor } from '@entente/node'
import { type Nation, peekJws } from '@entente/schema'
import { parseNote } from '@entente/tlog'
import { rootOf } from './dishonest.ts'
import type { Federation } from './federation.ts'
import { nations } from './nations.ts'
import type { Story } from './story.ts'

type Rows = Record<string, unknown>[]

const opened = new Map<string, DatabaseSync>()

/** Reads a node's database beside the node. */
export function rows(folder: string, sql: string, ...args: (string | number)[]): Rows {
  const db = opened.get(folder) ?? new DatabaseSync(join(folder, 'entente.db'), { readOnly: true })
  opened.set(folder, db)
  return db.prepare(sql).all(...args) as Rows
}

/** Reads no more of any folder. */
export function closeFolders(): void {
  for (const db of opened.values()) db.close()
  opened.clear()
}

/** Nations that keep the rules and have lost nothing: what is promised is promised among these. */
export const soundNations = (story: Story) =>
  nations.filter((nation) => story.role(nation) === 'honest')

const frozen: readonly string[] = ['forks', 'restores an old copy']

interface Own {
  readonly id: string
  readonly envelope: { readonly status: string }
  readonly fields: Record<string, { value: unknown; label: { releasableTo: string[] } }>
}

/**
 * What a nation should hold of another, from what that one authored, its newest policy and what was asked for last. Not
 * by the node's own way: fields that policy and label both give, of records whose title is among them.
 */
function shouldHold(story: Story, sender: string, recipient: string): Record<string, object> {
  const from = story.process(sender as never).folder
  const wants = rows(
    story.process(recipient as never).folder,
    "SELECT jws FROM statement WHERE kind = 'subscribe' ORDER BY idx",
  )
    .map(({ jws }) => peekJws(jws as string).payload as { recipient: string; action: string })
    .findLast((said) => said.recipient === sender)
  const [edition] = rows(from, 'SELECT signed FROM policy_edition ORDER BY edition DESC LIMIT 1')
  const policy = JSON.parse((edition?.['signed'] as string | undefined) ?? 'null') as {
    policy: { rules: { match: { recipient: { in: string[] } } }[] }
  } | null
  const permitted = policy?.policy.rules[0]?.match.recipient.in ?? []
  if (wants?.action !== 'subscribe' || !permitted.includes(recipient)) return {}
  const out: Record<string, object> = {}
  for (const row of rows(from, 'SELECT id, json FROM record ORDER BY id')) {
    const { envelope, fields } = JSON.parse(row['json'] as string) as Own
    if (envelope.status === 'withdrawn') continue
    const given = Object.entries(fields).filter(
      ([field, { label }]) =>
        ['title', 'supplier'].includes(field) && label.releasableTo.includes(recipient),
    )
    if (given.some(([field]) => field === 'title'))
      out[row['id'] as string] = Object.fromEntries(
        given.map(([field, { value }]) => [field, value] as const).sort(),
      )
  }
  return out
}

/** What a nation holds of another and shows. */
function doesHold(story: Story, sender: string, recipient: string): Record<string, object> {
  const held = rows(
    story.process(recipient as never).folder,
    'SELECT record, json FROM held_in JOIN feed_in USING (feed) WHERE sender = ? ORDER BY record',
    sender,
  )
  return Object.fromEntries(
    held.map(({ record, json }) => {
      const { disclosures } = JSON.parse(json as string) as {
        disclosures: [string, string, unknown][]
      }
      return [
        record,
        Object.fromEntries(disclosures.map(([, field, value]) => [field, value]).sort()),
      ]
    }),
  )
}

/** Pairs of sound nations that do not yet agree, in words. */
export function disagreements(story: Story): string[] {
  const sound = soundNations(story)
  return sound.flatMap((sender) =>
    sound
      .filter((recipient) => recipient !== sender)
      .flatMap((recipient) => {
        const [should, does] = [shouldHold, doesHold].map((of) =>
          JSON.stringify(of(story, sender, recipient)),
        )
        const open = rows(
          story.process(sender).folder,
          'SELECT 1 FROM feed_out LEFT JOIN ack_received USING (feed) WHERE recipient = ? AND feed_out.seq IS NOT ack_received.seq',
          recipient,
        ).length
        return [
          ...(should === does
            ? []
            : [`${recipient} holds of ${sender} ${does} and should hold ${should}`]),
          ...(open === 0 ? [] : [`${recipient} has not acknowledged ${open} feeds of ${sender}`]),
        ]
      }),
  )
}

/**
 * Records that have not arrived while one nation was away. That it is gone holds up no other two, as long as a quorum of
 * witnesses is left: one that is frozen, over its own two histories or an old copy, cosigns no more than one that is away.
 */
export function heldUp(story: Story, away: string, fresh: ReadonlyMap<string, string>): string[] {
  const silent = nations.filter((nation) => frozen.includes(story.role(nation))).length + 1
  if (nations.length - 1 - silent < quorumFor(nations.length)) return []
  const there = soundNations(story).filter((nation) => nation !== away)
  return [...fresh]
    .filter(([, sender]) => there.includes(sender as never))
    .flatMap(([id, sender]) =>
      there
        .filter((recipient) => recipient !== sender)
        .filter(
          (recipient) =>
            id in shouldHold(story, sender, recipient) &&
            !(id in doesHold(story, sender, recipient)),
        )
        .map((recipient) => `${recipient} has not got ${id} of ${sender} while ${away} was away`),
    )
}

/** Everything that must be true at the end, whatever happened; what is not, in words. */
export function broken(
  story: Story,
  federation: Federation,
  everyFolder: readonly string[],
): string[] {
  return [
    ...lost(story),
    ...doubled(story),
    ...unchained(story),
    ...unsealed(story),
    ...secondHistories(story, federation, everyFolder),
    ...acceptedForks(story, federation),
    ...unfrozen(story),
  ]
}

/** What a nation was told is stored is stored. */
const lost = (story: Story): string[] =>
  [...story.added()]
    .filter(([id, nation]) => {
      if (!soundNations(story).includes(nation as never)) return false
      return (
        rows(story.process(nation).folder, 'SELECT 1 FROM record WHERE id = ?', id).length === 0
      )
    })
    .map(([id, nation]) => `${nation} has lost ${id}`)

/** The same fragment is never put twice without a drop between. */
function doubled(story: Story): string[] {
  return soundNations(story).flatMap((sender) => {
    const last = new Map<string, string>()
    const out: string[] = []
    for (const row of rows(
      story.process(sender).folder,
      'SELECT recipient, opening FROM entry_out JOIN feed_out USING (feed) ORDER BY entry_out.feed, entry_out.seq, idx',
    )) {
      const [, entry] = JSON.parse(row['opening'] as string) as [
        string,
        { op: string; record: string; digest?: string },
      ]
      const key = `${String(row['recipient'])} ${entry.record}`
      const put = entry.op === 'put' ? (entry.digest ?? '') : ''
      if (put !== '' && last.get(key) === put)
        out.push(`${sender} has put ${entry.record} twice to ${String(row['recipient'])}`)
      last.set(key, put)
    }
    return out
  })
}

/** Both ends of a feed have the same statements, each once and in order. */
function unchained(story: Story): string[] {
  const sound = soundNations(story)
  return sound.flatMap((sender) =>
    rows(story.process(sender).folder, 'SELECT feed, recipient FROM feed_out')
      .filter(({ recipient }) => sound.includes(recipient as never))
      .flatMap(({ feed, recipient }) => {
        const [ours, theirs] = [
          rows(
            story.process(sender).folder,
            'SELECT seq, jws FROM statement WHERE feed = ? ORDER BY seq',
            feed as string,
          ),
          rows(
            story.process(recipient as never).folder,
            'SELECT seq, jws FROM statement_in WHERE feed = ? ORDER BY seq',
            feed as string,
          ),
        ]
        return JSON.stringify(ours) === JSON.stringify(theirs)
          ? []
          : [
              `${String(recipient)} has ${theirs.length} statements of a feed of ${sender} that has ${ours.length}, or other ones`,
            ]
      }),
  )
}

/** Whatever a sound nation holds, its sender has signed for, dishonest or not. */
function unsealed(story: Story): string[] {
  const sound = soundNations(story)
  return nations.flatMap((sender) => {
    const folders = [
      story.wholeFolder(sender),
      ...(story.fork() ?? []).filter((p) => p.nation === sender).map(({ folder }) => folder),
    ]
    const sealed = new Set(
      folders.flatMap((folder) =>
        rows(folder, 'SELECT recipient, opening FROM entry_out JOIN feed_out USING (feed)').map(
          ({ recipient, opening }) => {
            const [, entry] = JSON.parse(opening as string) as [
              string,
              { record: string; digest?: string },
            ]
            return `${String(recipient)} ${entry.record} ${entry.digest ?? ''}`
          },
        ),
      ),
    )
    return sound
      .filter((recipient) => recipient !== sender)
      .flatMap((recipient) =>
        rows(
          story.process(recipient).folder,
          'SELECT record, held_in.digest AS digest FROM held_in JOIN feed_in USING (feed) WHERE sender = ?',
          sender,
        )
          .filter(
            ({ record, digest }) => !sealed.has(`${recipient} ${String(record)} ${String(digest)}`),
          )
          .map(
            ({ record }) =>
              `${recipient} holds ${String(record)} of ${sender}, which has not signed for it`,
          ),
      )
  })
}

/** Every checkpoint under a sound nation's key, wherever it lies, is one of the one history. */
function secondHistories(
  story: Story,
  federation: Federation,
  everyFolder: readonly string[],
): string[] {
  const out: string[] = []
  const whole = nations.filter((nation) => story.role(nation) !== 'forks')
  const roots = new Map<string, string | null>()
  const rootAt = (nation: Nation, size: number) => {
    const key = `${nation} ${size}`
    const known = roots.get(key)
    const root = known === undefined ? rootOf(story.wholeFolder(nation), size) : known
    roots.set(key, root)
    return root
  }
  for (const folder of everyFolder)
    for (const { note } of rows(
      folder,
      "SELECT note FROM checkpoint UNION SELECT note FROM witnessed UNION SELECT note FROM partner_checkpoint WHERE note <> ''",
    )) {
      const [origin, size, root] = parseNote(note as string).text.split('\n')
      const nation = whole.find((each) => federation.origin(each) === origin)
      if (nation === undefined) continue
      if (rootAt(nation, Number(size)) !== root)
        out.push(`${nation} has signed a second history of size ${size}`)
    }
  return [...new Set(out)]
}

/** A log that was forked is one and the same for all sound nations that admit from it. */
function acceptedForks(story: Story, federation: Federation): string[] {
  const fork = story.fork()
  if (fork === null) return []
  const [one, other] = fork
  const origin = federation.origin(one.nation)
  const shown = soundNations(story).flatMap((nation) =>
    rows(
      story.process(nation).folder,
      'SELECT size, root FROM partner_checkpoint WHERE origin = ?',
      origin,
    ).map(({ size, root }) => ({
      size: size as number,
      root: Buffer.from(root as Uint8Array).toString('base64'),
    })),
  )
  const isOf = (folder: string) => shown.every(({ size, root }) => rootOf(folder, size) === root)
  return isOf(one.folder) || isOf(other.folder)
    ? []
    : [`two histories of ${one.nation} have been admitted by sound nations`]
}

/** Who has noticed that a log was forked, and how. */
export function whoNoticed(story: Story, federation: Federation): string[] {
  const fork = story.fork()
  if (fork === null) return []
  const { nation } = fork[0]
  return soundNations(story).flatMap((each) => {
    const { folder } = story.process(each)
    const evidence = rows(
      folder,
      'SELECT 1 FROM fork_evidence WHERE origin = ?',
      federation.origin(nation),
    ).length
    const journal = join(folder, 'journal.jsonl')
    const refused = existsSync(journal)
      ? readFileSync(journal, 'utf8')
          .split('\n')
          .filter(
            (line) => line.includes('"event":"refused"') && line.includes(`"from":"${nation}"`),
          )
          .map((line) => (JSON.parse(line) as { code: string }).code)
      : []
    return [
      ...(evidence > 0 ? [`${each} keeps both notes`] : []),
      ...[...new Set(refused)].map((code) => `${each} refuses with ${code}`),
    ]
  })
}

/** A node that came back from an old copy signs nothing. */
function unfrozen(story: Story): string[] {
  return nations
    .filter((nation) => story.wholeFolder(nation) !== story.process(nation).folder)
    .flatMap((nation) => {
      const size = (folder: string) => rows(folder, 'SELECT size FROM head')[0]?.['size'] as number
      const signed = rows(story.process(nation).folder, 'SELECT size, note FROM checkpoint')
      const true_ = new Set(
        rows(story.wholeFolder(nation), 'SELECT note FROM checkpoint').map(({ note }) => note),
      )
      const forward = signed.filter(({ note }) => !true_.has(note))
      return forward.length === 0 || size(story.wholeFolder(nation)) === 0
        ? []
        : [
            `${nation} has signed forward from an old copy, to size ${String(forward.at(-1)?.['size'])}`,
          ]
    })
}

/** SHA-256 over all that a node has logged, signed and had cosigned. */
export function digestOfLog(folder: string): string {
  const digest = createHash('sha256')
  for (const sql of [
    'SELECT idx, entry FROM entry ORDER BY idx',
    'SELECT idx, jws, salt FROM statement ORDER BY idx',
    'SELECT size, note, cosigs FROM checkpoint ORDER BY size',
  ])
    for (const row of rows(folder, sql))
      for (const value of Object.values(row))
        digest.update(value instanceof Uint8Array ? value : `${String(value)}\n`)
  return digest.digest('hex')
}
