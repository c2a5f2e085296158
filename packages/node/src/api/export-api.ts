import type { Deps } from '../deps.ts'
import { type Exported, type ExportRequest, exportTable } from '../export-table/export-table.ts'
import type { Progress } from '../node-api.ts'
import type { View } from '../view/view.ts'

/** What may be asked about tables of records. */
export interface ExportApi {
  /** Writes records of one kind, own and released to us, as a table that import reads back. */
  readonly exportTable: (request: ExportRequest, progress?: Progress) => Promise<Exported>
}

export function createExportApi(deps: Deps, view: View, exercise: string | undefined): ExportApi {
  return {
    exportTable: (request, progress) =>
      exportTable(deps, view, request, exercise !== undefined, progress),
  }
}
