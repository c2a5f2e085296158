import { existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import type { Deps } from '../deps.ts'
import { ExportError } from '../export-table/export-error.ts'
import { type Exported, type ExportRequest, exportTable } from '../export-table/export-table.ts'
import type { Progress } from '../node-api.ts'
import type { View } from '../view/view.ts'

/** What may be asked about tables of records. */
export interface ExportApi {
  /** Writes records of one kind, own and released to us, as a table that import reads back. */
  readonly exportTable: (request: ExportRequest, progress?: Progress) => Promise<Exported>
}

/** What an export of one node is under. */
export interface ExportContext {
  readonly deps: Deps
  readonly view: View
  readonly exercise: string | undefined
  /** Folder of the node, in which nobody else writes. */
  readonly folder: string
}

export function createExportApi({ deps, view, exercise, folder }: ExportContext): ExportApi {
  return {
    exportTable: async (request, progress) => {
      refuseWithin(folder, request.path)
      return exportTable(deps, view, request, exercise !== undefined, progress)
    },
  }
}

/** A table over the database, a key or the journal would be the end of the node. @throws {ExportError} `FILE_UNWRITABLE` */
function refuseWithin(folder: string, path: string): void {
  const parent = dirname(resolve(path))
  // A folder that is not there is refused when the file is opened.
  if (!existsSync(parent)) return
  const way = relative(realpathSync(folder), realpathSync(parent))
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return
  throw new ExportError(
    'FILE_UNWRITABLE',
    `${path} is in the folder of this node, in which only the node writes; choose another place`,
  )
}
