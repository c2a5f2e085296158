import type { Sensitivity } from './kinds/index.ts'
import type { Label } from './label.ts'

/**
 * Label of a field about which nobody has said more than its class: the class tells how sensitive it is, and nobody else
 * may have it until somebody says who.
 */
export function defaultLabelOf(sensitivity: Sensitivity): Label {
  return {
    classification: levels[sensitivity],
    releasableTo: [],
    caveats: sensitivity === 'C' ? ['COMMERCIAL'] : [],
  }
}

const levels = {
  P: 'UNCLASSIFIED',
  G: 'UNCLASSIFIED',
  R: 'RESTRICTED',
  B: 'CONFIDENTIAL',
  N: 'SECRET',
  C: 'RESTRICTED',
} as const
