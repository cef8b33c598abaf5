import type { BenchDatabaseKind, Target } from '../databases.ts'
import type { Layout } from '../layouts.ts'
import type { Command } from '../measure.ts'
import type { Workshop } from '../workshop.ts'

/**
 * What a tool is asked to do: apply all, revert all, tell the version. A tool without a command
 * for the version does what comes closest.
 */
export type Operation = 'up' | 'down' | 'version'

/** Ours, the tool we are compatible with, npm packages, other tools, and what only the SQL costs. */
export type Role = 'ours' | 'golang-migrate' | 'npm' | 'other' | 'limit'

/** A migration tool as the benchmark knows it. */
export interface Tool {
  readonly name: string
  readonly role: Role
  readonly databases: readonly BenchDatabaseKind[]
  readonly layout: Layout
  /**
   * Installs or builds it, once.
   *
   * @throws {@link ToolUnavailableError} if this machine cannot have it.
   */
  prepare(workshop: Workshop): Promise<ReadyTool>
}

/** A tool that can be run. */
export interface ReadyTool {
  readonly version: string
  /** Gives the command, or the reason why there is none. */
  readonly command: (operation: Operation, target: Target, folder: string) => Command | Unsupported
}

/** Something that a tool cannot do. */
export interface Unsupported {
  readonly unsupported: string
}

/** A tool that this machine cannot have. */
export class ToolUnavailableError extends Error {
  override readonly name: string = 'ToolUnavailableError'
}
