import { type Caveat, type DataRecord, Kind, type Label, type Nation } from '@entente/schema'
import { formatIsoDate } from './dates.ts'
import type { Purpose } from './document.ts'
import type { Question } from './question.ts'
import { withSupplier } from './supplier/of-test.ts'

/** Two times at which two policies are set beside each other; most often the same. */
export interface Moment {
  readonly beforeMs: number
  readonly afterMs: number
}

export type Confidence = DataRecord['envelope']['confidence']
/** Export-control tags of a record. */
export type Tags = NonNullable<DataRecord['envelope']['jurisdiction']>

/** A question in which nothing is remarkable, to be varied in one attribute. */
export interface Asked {
  readonly kind: Kind
  readonly field: string
  readonly dataset: string
  readonly confidence?: Confidence
  readonly purpose: Purpose
  readonly level: Label['classification']
  readonly caveats: readonly Caveat[]
  readonly releasableTo: readonly string[]
  readonly tags: Tags
  /** Other nations that it came from, under terms that let it be passed on. */
  readonly origins: readonly Nation[]
  readonly asOf: string | null
  readonly recipient: Nation
}

const foreignId = `urn:entente:${'f'.repeat(32)}`

/** The record of the policy's own nation that a question is about. */
export function questionOf(asked: Asked, sender: Nation, atMs: number): Question {
  const { kind, field, dataset, confidence, level, caveats, releasableTo, tags, asOf, origins } =
    asked
  const record: DataRecord = {
    id: `urn:entente:${'0'.repeat(32)}`,
    kind,
    originator: sender,
    dataset,
    envelope: {
      asOf: asOf ?? formatIsoDate(atMs),
      status: 'active',
      source: { document: 'question' },
      handling: {
        originator_control: false,
        onward_release: origins.length > 0 ? 'free' : 'none',
      },
      ...(origins.length > 0 && {
        derivedFrom: origins.map((originator) => ({ record: foreignId, originator })),
      }),
      ...(confidence !== undefined && { confidence }),
      ...(tags.length > 0 && { jurisdiction: tags }),
    },
    fields: { [field]: { value: true, label: { classification: level, releasableTo, caveats } } },
  }
  const named = caveats.includes('COMMERCIAL') ? withSupplier(record, field) : record
  return { record: named, field, recipient: asked.recipient, purpose: asked.purpose, atMs, sender }
}

/** A question about nothing in particular. */
export const plain: Asked = {
  kind: Kind.options[0] as Kind,
  field: 'title',
  dataset: '',
  purpose: 'use',
  level: 'UNCLASSIFIED',
  caveats: [],
  releasableTo: [],
  tags: [],
  origins: [],
  asOf: null,
  recipient: 'XXX',
}
