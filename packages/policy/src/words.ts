import type { Attribute } from './document.ts'
import type { Groups } from './groups.ts'
import type { labelGate } from './label-gate.ts'
import type { Miss } from './near-miss.ts'
import type { Facts } from './question.ts'
import { sayRetransfer } from './retransfer/words.ts'
import { type Condition, readers } from './rows.ts'

/** What keeps a row from releasing, and what would have to be otherwise, for a reader who writes no programs. */
export interface Said {
  readonly is: string
  readonly change: string
}

/** `A`, `A or B`, `A, B or C`. */
const orList = (names: readonly string[]) => listed(names, 'or')
/** `A`, `A and B`, `A, B and C`. */
const andList = (names: readonly string[]) => listed(names, 'and')

function listed(names: readonly string[], word: string): string {
  const last = names.at(-1) ?? 'nothing'
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${word} ${last}`
}

/** The conditions of a near miss as clauses. */
export function sayMiss({ row, failed }: Miss, facts: Facts, groups: Groups): Said {
  const said = failed.map((condition) => sayCondition(condition, facts, groups))
  return {
    is: said.map(({ is }) => is).join('; '),
    change: `${andThen(said.map(({ change }) => change))} (row ${row}); or add a row that releases it`,
  }
}

const andThen = (clauses: readonly string[]) => [...new Set(clauses)].join(', and ')

function sayCondition(condition: Condition, facts: Facts, groups: Groups): Said {
  const { attribute, operator, wanted } = condition
  const list = typeof wanted === 'string' ? [wanted] : wanted
  const value = textsOf(attribute, facts)
  if (value === null)
    return {
      is: `the record does not say its ${names[attribute]}, and the row asks for it`,
      change: `give the record its ${names[attribute]}`,
    }
  const say = sentences[`${attribute} ${operator}`]
  if (say !== undefined) return say(list, value, facts, groups)
  const name = names[attribute]
  switch (operator) {
    case 'in':
      return {
        is: `the ${name} is ${andList(value)}, the row is about ${orList(list)}`,
        change: `add ${andList(value)} to ${attribute} of the row`,
      }
    case 'notIn':
      return {
        is: `the row leaves the ${name} ${andList(value)} out`,
        change: `take ${andList(value)} out of ${attribute} notIn`,
      }
    default:
      return {
        is: `the ${name} is ${andList(value)}, the row asks ${operatorWords[operator] ?? operator} ${andList(list)}`,
        change: `change ${attribute} of the row`,
      }
  }
}

/** Operators as words. */
const operatorWords: Readonly<Record<string, string>> = {
  subsetOf: 'for nothing beside',
  intersects: 'for at least one of',
  atMost: 'for at most',
  atLeast: 'for at least',
  from: 'for a time from',
  until: 'for a time before',
}

type Say = (
  wanted: readonly string[],
  value: readonly string[],
  facts: Facts,
  groups: Groups,
) => Said

/** Attributes that have sentences of their own. */
const sentences: Readonly<Record<string, Say>> = {
  'recipient in': (wanted, _, { recipient }) => ({
    is: `the row is for ${orList(wanted)}, not for ${recipient}`,
    change: `add ${recipient} to the recipients of the row`,
  }),
  'recipient notIn': (_wanted, _value, { recipient }) => ({
    is: `the row leaves ${recipient} out`,
    change: `take ${recipient} out of recipient notIn`,
  }),
  'recipientGroups intersects': (wanted, value, { recipient }, groups) => {
    const stories = wanted.flatMap((group) => {
      const stays = groups.story(group, recipient)
      return stays === null ? [] : [`${group} ${stays}`]
    })
    const dated = stories.length === 0 ? '' : ` (member of ${stories.join('; ')})`
    return {
      is: `${recipient} is a member of ${value.length === 0 ? 'no group' : andList(value)} on that day${dated}, the row is for members of ${orList(wanted)}`,
      change: `make ${recipient} a member of ${orList(wanted)}`,
    }
  },
  'field in': (wanted, _, { field }) => ({
    is: `the row is about ${andList(wanted)}, not about ${field}`,
    change: `add ${field} to the fields of the row`,
  }),
  'field notIn': (_wanted, _value, { field }) => ({
    is: `the row leaves ${field} out`,
    change: `take ${field} out of field notIn`,
  }),
  'purpose in': (wanted, value) => ({
    is: `it is asked for ${andList(value)}, the row is for ${orList(wanted)}`,
    change: `add ${andList(value)} to purpose of the row`,
  }),
  'classification atMost': (wanted, value) => ({
    is: `it is marked ${andList(value)}, the row goes up to ${andList(wanted)}`,
    change: `raise classification atMost to ${andList(value)}`,
  }),
  'caveats subsetOf': (wanted, value) => {
    const more = andList(value.filter((caveat) => !wanted.includes(caveat)))
    return {
      is: `it is marked ${more}, which the row does not name`,
      change: `name ${more} in caveats subsetOf of the row, if such fields may go`,
    }
  },
  'regimes subsetOf': (wanted, value) => {
    const more = andList(value.filter((regime) => !wanted.includes(regime)))
    return {
      is: `it is tagged ${more}, which the row does not name`,
      change: `name ${more} in regimes subsetOf of the row`,
    }
  },
  'origins subsetOf': (wanted, value) => {
    const more = andList(value.filter((origin) => !wanted.includes(origin)))
    return {
      is: `it came in part from ${more}, which the row does not name`,
      change: `name ${more} in origins subsetOf of the row, if what came from there may go`,
    }
  },
  'releasableTo intersects': (wanted, value) => ({
    is: `its label is releasable to ${value.length === 0 ? 'nobody' : andList(value)}, the row asks for ${orList(wanted)}`,
    change: `have the label name ${orList(wanted)}, or change releasableTo of the row`,
  }),
  'agreements intersects': (wanted, value, { recipient }) => ({
    is: `${value.length === 0 ? 'no agreement covers it' : `only ${andList(value)} covers it`}, the row asks for ${orList(wanted)}`,
    change: `make ${recipient} a party to ${orList(wanted)} in the register, or widen what that covers`,
  }),
  'at from': (wanted) => ({
    is: `the row begins on ${andList(wanted)}`,
    change: 'wait for that day, or bring at from forward',
  }),
  'at until': (wanted) => ({
    is: `the row ended on ${andList(wanted)}`,
    change: 'set a later at until',
  }),
}

const names: Readonly<Record<Attribute, string>> = {
  kind: 'kind',
  field: 'field',
  dataset: 'dataset',
  originator: 'originator',
  confidence: 'confidence',
  recipient: 'recipient',
  recipientGroups: 'groups of the recipient',
  purpose: 'purpose',
  classification: 'level',
  caveats: 'caveats',
  releasableTo: 'release list',
  regimes: 'export regimes',
  origins: 'nations it came from',
  agreements: 'agreements in force',
  at: 'time',
}

function textsOf(attribute: Attribute, facts: Facts): readonly string[] | null {
  if (attribute === 'classification')
    return facts.label === null ? null : [facts.label.classification]
  const value = readers[attribute](facts)
  return value === null ? null : typeof value === 'object' ? value : [String(value)]
}

/** What would lift a finding of the label gate; findings that are not here say it themselves. */
export const liftings: Partial<Record<keyof typeof labelGate | (string & {}), Lifting>> = {
  'policy is not in force': () => 'install an edition whose from and until hold that day',
  'record is not active': () => 'set the status of the record to active, if it is true',
  'dataset is not in the policy': ({ record }) =>
    `name ${record.dataset} under datasets of the policy`,
  'recipient is not named in REL TO': ({ recipient }) =>
    `have the label name ${recipient} or a group of which it is a member; an authority signs a wider label`,
  'NOFORN: recipient is foreign': () =>
    'nothing in a policy: the label itself must lose NOFORN, which an authority signs',
  'no ceiling is set for the recipient': ({ recipient }) =>
    `give ${recipient} a level under ceilings`,
  'classification is above the ceiling of the recipient': ({ recipient, label }) =>
    `raise ceilings.${recipient} to ${label?.classification ?? 'the level of the field'}`,
  'retransfer needs consent': (facts) => sayRetransfer(facts, facts.sender).change,
  'concurrent edits disagree: a person must choose': () =>
    'settle the field: entente record conflicts',
  'COMMERCIAL: no consent of the supplier in force covers it': () =>
    'ask the supplier for its consent (entente register consent) and put it into the register',
  'no role may read it under every limit': () =>
    'have the rows and the consent that cover it name a role in common',
}

type Lifting = (facts: Facts) => string
