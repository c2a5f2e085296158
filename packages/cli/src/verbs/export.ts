import { resolve } from 'node:path'
import { exportFormats, recordFacts } from '@entente/node'
import { z } from 'zod'
import { readerInput, readerOf, readerOptions } from '../reader-options.ts'
import { count } from '../text.ts'
import { defineVerb } from '../verb.ts'

export const exportVerb = defineVerb({
  name: 'export',
  arguments: '<file>',
  purpose:
    'Write records of one kind, own and released to us, as a CSV or XLSX table. Edit it and read it back with entente import FILE: an empty cell leaves a value as it is, (remove) takes it out.',
  options: [
    { flags: '--kind <kind>', purpose: 'records of this kind: kinds have columns of their own' },
    { flags: '--dataset <name>', purpose: 'only this dataset' },
    { flags: '--originator <nation>', purpose: 'only this nation’s' },
    {
      flags: '--where <condition>',
      purpose: `FIELD or !FIELD (given or not), or FIELD with =, !=, <, <=, >, >=, ~ (contains) and a value, such as lead_time.total>18; also ${recordFacts.join(', ')} of the record (field:NAME is a field of that name)`,
      repeat: true,
    },
    { flags: '--limit <n>', purpose: 'at most so many' },
    {
      flags: '--all-columns',
      purpose: 'every field of the kind (else those that some record has)',
    },
    { flags: '--format <format>', purpose: `${exportFormats.join(' or ')} (else as FILE ends)` },
    ...readerOptions,
    { flags: '--force', purpose: 'write over a file that is there' },
  ],
  example: 'export makers.xlsx --kind capability --where "lead_time.total>18"',
  next: 'edit the table, then entente import FILE',
  input: z.strictObject({
    file: z.string(),
    kind: z.string({ error: 'name the kind of record with --kind, such as --kind capability' }),
    dataset: z.string().optional(),
    originator: z.string().optional(),
    where: z.array(z.string()).default([]),
    limit: z.coerce.number().int().min(1).optional(),
    allColumns: z.boolean().default(false),
    format: z.enum(exportFormats).optional(),
    force: z.boolean().default(false),
    ...readerInput,
  }),
  run: async ({ atNode, progress }, { file, force, where, allColumns, as, supplier, ...rest }) => {
    const given = Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined))
    const reader = readerOf(as, supplier)
    const request = {
      kind: rest.kind,
      ...given,
      path: resolve(file),
      ...(where.length > 0 && { where }),
      ...(allColumns && { allColumns }),
      ...(force && { overwrite: true }),
      ...(reader && { reader }),
    }
    const done = await atNode((api) => api.exportTable(request, progress))
    const { path, records, own, columns } = done
    const whose =
      own === records ? '' : `, ${records - own} of them of partners: these cannot be changed here`
    return {
      json: { ...done },
      text: `${path}: ${count(records, 'record')}, ${count(columns.length, 'column')}${whose}`,
    }
  },
})
