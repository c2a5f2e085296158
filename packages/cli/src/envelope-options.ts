import { z } from 'zod'
import { CliError } from './cli-error.ts'

/** Options by which a person says something of a record as a whole. */
export const envelopeOptions = [
  {
    flags: '--status <status>',
    purpose: 'draft, active or superseded; only what is active is released',
  },
  { flags: '--as-of <date>', purpose: 'day the facts are of' },
  { flags: '--valid-from <date>', purpose: 'first day they hold' },
  { flags: '--valid-to <date>', purpose: 'last day they hold' },
  { flags: '--review-by <date>', purpose: 'day from which the record counts as stale' },
  { flags: '--confidence <code>', purpose: 'reliability and credibility, A1 to F6' },
  {
    flags: '--jurisdiction <code>',
    purpose: 'export control it falls under, such as ITAR:VIII(h)(1) or EAR:3A001; only added',
    repeat: true,
  },
] as const

export const envelopeInput = {
  status: z.enum(['draft', 'active', 'superseded']).optional(),
  asOf: z.string().optional(),
  validFrom: z.string().optional(),
  validTo: z.string().optional(),
  reviewBy: z.string().optional(),
  confidence: z.string().optional(),
  jurisdiction: z.array(z.string()).default([]),
}

interface Given {
  readonly status?: 'draft' | 'active' | 'superseded' | undefined
  readonly asOf?: string | undefined
  readonly validFrom?: string | undefined
  readonly validTo?: string | undefined
  readonly reviewBy?: string | undefined
  readonly confidence?: string | undefined
  readonly jurisdiction: readonly string[]
}

/**
 * What the options say, or undefined when they say nothing.
 * @throws {CliError} `FIELD_FORM`
 */
export function envelopeOf({ jurisdiction, ...named }: Given) {
  const said = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  const addJurisdiction = jurisdiction.map(parseJurisdiction)
  if (Object.keys(said).length === 0 && addJurisdiction.length === 0) return undefined
  return { ...said, ...(addJurisdiction.length > 0 && { addJurisdiction }) }
}

const regimes = ['ITAR', 'EAR', 'UKML', 'DSGL', 'CGP', 'none'] as const

function parseJurisdiction(text: string) {
  const [name = '', code] = text.split(/:(.*)/s)
  const regime = regimes.find((each) => each.toLowerCase() === name.trim().toLowerCase())
  if (regime === undefined)
    throw new CliError('FIELD_FORM', `${text} names no regime; regimes are ${regimes.join(', ')}`)
  return { regime, ...(code !== undefined && { code: code.trim() }) }
}
