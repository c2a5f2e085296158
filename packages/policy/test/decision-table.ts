import { readdirSync, readFileSync } from 'node:fs'
import {
  type DataRecord,
  formatLabel,
  type Kind,
  type Label,
  type Nation,
  parseLabel,
} from '@entente/schema'
import { compilePolicy, withRegister } from '../src/compile.ts'
import { decide, levelOf } from '../src/decide.ts'
import { PolicyDocument, type Purpose } from '../src/document.ts'
import { compileRegister } from '../src/register/compile.ts'
import { supplierOfTest, withSupplier } from '../src/supplier/of-test.ts'

/** One letter for each thing an answer can be, the widest first. */
const answers = {
  p: 'permit',
  f: 'fine band',
  c: 'coarse band',
  n: 'nation of a place',
  s: 'pseudonym',
  a: 'approve',
  r: 'redact',
  d: 'deny',
} as const
type Letter = keyof typeof answers
const letters = Object.keys(answers) as Letter[]

// One nation is a partner of nobody.
const recipients: readonly Nation[] = ['AUS', 'CAN', 'GBR', 'NOR', 'USA', 'SWE']
const subjects: readonly [kind: Kind, dataset: string, field: string][] = [
  ['capability', 'production', 'title'],
  ['capability', 'production', 'rate_max'],
  ['capability', 'production', 'unit_cost'],
  ['capability', 'production', 'capacity_available_pct'],
  ['capability', 'production', 'owner_contact'],
  ['capability', 'internal', 'title'],
  ['gap', 'needs', 'severity'],
  ['alert', 'cooperation', 'sites'],
]
const releaseLists = [
  '',
  '//REL TO PARTNERS',
  '//REL TO AUKUS,NATO',
  '//REL TO AUS,CAN,GBR,NOR,SWE,USA',
]
const levels = ['UNCLASSIFIED', 'RESTRICTED', 'CONFIDENTIAL', 'SECRET']
const markings = ['', '//COMMERCIAL', '//NOFORN']
const labels: readonly Label[] = levels.flatMap((level) =>
  markings.flatMap((marking) => releaseLists.map((list) => labelOf(`${level}${marking}${list}`))),
)
function labelOf(text: string): Label {
  const parsed = parseLabel(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.label
}
/** Circumstances that a question is asked in, each but for one fact the ordinary one. */
const cases: Readonly<
  Record<
    string,
    {
      readonly at?: string
      readonly purpose?: Purpose
      readonly originator?: Nation
      readonly status?: 'draft'
      readonly conflict?: true
      readonly regime?: 'ITAR'
      readonly agreement?: true
      readonly consented?: true
    }
  >
> = {
  'in October 2026': {},
  'in October 2028': { at: '2028-10-01' },
  'to display': { purpose: 'display' },
  'of another originator': { originator: 'NZL' },
  'as a draft': { status: 'draft' },
  'in conflict': { conflict: true },
  'under ITAR': { regime: 'ITAR' },
  'under ITAR with an agreement': { regime: 'ITAR', agreement: true },
  'with the supplier’s consent': { consented: true },
}

/** Answers of one policy, by what was asked: a letter for each label and recipient in turn. */
export type DecisionTable = ReadonlyMap<string, string>

const folder = new URL('../../../examples/policies/', import.meta.url)
export const policies = readdirSync(folder)
  .sort()
  .map((file) => PolicyDocument.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))))

/** Asks every policy every question. */
export function askAll(documents: readonly PolicyDocument[] = policies): DecisionTable {
  const table = new Map<string, string>()
  for (const document of documents) {
    // Without the moments at which answers change, which cost a decision each: none is asked for here.
    const plain = { ...compilePolicy(document), cuts: [] }
    const covered = { ...withRegister(plain, compileRegister(registerFor(document))), cuts: [] }
    for (const [kind, dataset, field] of subjects)
      for (const [name, asked] of Object.entries(cases)) {
        const policy = asked.agreement || asked.consented ? covered : plain
        const atMs = Date.parse(`${asked.at ?? '2026-10-01'}T00:00Z`)
        let line = ''
        for (const label of labels) {
          const record = recordOf(kind, dataset, field, label, asked, document.nation)
          for (const recipient of recipients) {
            const { purpose = 'use' } = asked
            const sender = document.nation
            const decision = decide({ record, field, recipient, purpose, atMs, sender }, policy)
            line += letterOf(decision)
          }
        }
        table.set(`${document.nation} ${kind}.${field} in ${dataset} ${name}`, line)
      }
  }
  return table
}

const letterOfLevel = {
  exact: 'p',
  fine: 'f',
  coarse: 'c',
  country: 'n',
  pseudonym: 's',
  redact: 'r',
} as const

function letterOf(decision: ReturnType<typeof decide>): Letter {
  if (decision.effect === 'transform') return letterOfLevel[levelOf(decision)]
  return { permit: 'p', approve: 'a', deny: 'd' }[decision.effect] as Letter
}

const registerFor = ({ nation, from, until }: PolicyDocument) => ({
  nation,
  edition: 1,
  from,
  until,
  agreements: [
    {
      id: 'frozen',
      title: 'Exercise TAA',
      type: 'TAA' as const,
      parties: recipients.slice(0, 4).map((each) => ({ nation: each })),
      items: [{ regime: 'ITAR' as const }],
      uses: ['use' as const],
      ceiling: 'RESTRICTED' as const,
      effective: from,
      expires: until,
    },
  ],
  ...supplierOfTest(recipients, ['use'], from, until),
})

function recordOf(
  kind: Kind,
  dataset: string,
  field: string,
  label: Label,
  { originator, status, conflict, regime, consented }: (typeof cases)[string],
  nation: Nation,
): DataRecord {
  const record: DataRecord = {
    id: `urn:entente:${'0'.repeat(32)}`,
    kind,
    originator: originator ?? nation,
    dataset,
    envelope: {
      asOf: '2026-02-01',
      status: status ?? 'active',
      source: { document: 'exercise' },
      handling: { originator_control: false, onward_release: 'none' },
      ...(regime !== undefined && { jurisdiction: [{ regime, code: 'XI(c)' }] }),
    },
    fields: { [field]: { value: true, label, ...(conflict && { conflict }) } },
  }
  return consented ? withSupplier(record, field) : record
}

/** How many questions of each policy have each answer. */
export function countsOf(table: DecisionTable): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {}
  for (const [asked, line] of table) {
    const nation = asked.slice(0, 3)
    const of = counts[nation] ?? {}
    counts[nation] = of
    for (const letter of line) {
      const answer = answers[letter as Letter]
      of[answer] = (of[answer] ?? 0) + 1
    }
  }
  return counts
}

/** Each question that is answered otherwise than before, in words, those that are answered wider first. */
export function changesOf(before: DecisionTable, now: DecisionTable): readonly string[] {
  const wider: string[] = []
  const other: string[] = []
  for (const asked of new Set([...before.keys(), ...now.keys()])) {
    const [was = '', is = ''] = [before.get(asked), now.get(asked)]
    for (let i = 0; i < Math.max(was.length, is.length); i++) {
      if (was[i] === is[i]) continue
      const label = labels[Math.floor(i / recipients.length)]
      const recipient = recipients[i % recipients.length]
      const words = (letter: string | undefined) => answers[letter as Letter] ?? 'not asked'
      const isWider = letters.indexOf(is[i] as Letter) < letters.indexOf(was[i] as Letter)
      const line = `${asked}, ${label === undefined ? '?' : formatLabel(label)}, to ${recipient}: was ${words(was[i])}, now ${words(is[i])}`
      if (isWider) wider.push(`WIDER ${line}`)
      else other.push(line)
    }
  }
  return [...wider, ...other]
}

/** The table as text; runs of a letter are counted, so that a line stays short. */
export const formatTable = (table: DecisionTable): string =>
  [...table]
    .map(
      ([asked, line]) =>
        `${asked}: ${line.replaceAll(/(.)\1+/g, (run) => `${run.length}${run[0]}`)}\n`,
    )
    .join('')

export const parseTable = (text: string): DecisionTable =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): [string, string] => {
        const at = line.indexOf(': ')
        const runs = line.slice(at + 2).replaceAll(/(\d+)(\D)/g, (_, n, letter) => letter.repeat(n))
        return [line.slice(0, at), runs]
      }),
  )
