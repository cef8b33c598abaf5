export { createMigrator, Migrator } from './migrator/migrator.ts'
export type { DownOptions, MigratorOptions, UpOptions } from './migrator/migrator-options.ts'
export type { OutOfOrder, RunOptions } from './migrator/run-options.ts'
export type { AppliedHow, AppliedRecord } from './ledger/ledger-view.ts'
export type {
  AcceptResult,
  BaselineResult,
  ChangedFile,
  ForceResult,
  HistoryResult,
  MigrationStatus,
  PlannedStatement,
  PlannedStep,
  PlanResult,
  RunResult,
  StatusEntry,
  StatusResult,
  StepKind,
  StepResult,
  VerifyResult,
} from './migrator/results.ts'
export type {
  DiagnosedFailure,
  DiagnosedObject,
  DiagnosedStatement,
  Diagnosis,
} from './doctor/diagnosis.ts'
export type { Contradiction } from './doctor/catalog-model.ts'
export type { DoctorResult, Finding, FindingCode } from './doctor/finding.ts'
export { provenRemedy, remedyText, type Remedy } from './doctor/explain-diagnosis.ts'
export type { BaselineOptions } from './ledger/baseline.ts'
export type { RepairAction, RepairOptions } from './doctor/repair-input.ts'
export type { RepairResult } from './doctor/repair.ts'
export type { Target } from './plan/plan.ts'
export type { MigratorEvent, MigratorEventListener, WarningCode } from './migrator/events.ts'
export { isMigrateError, MigrateError } from './errors/errors.ts'
export type {
  FailedStep,
  MigrateErrorCode,
  MigrateErrorDetails,
  MigrateErrorOptions,
} from './errors/errors.ts'
export type { StepEffect } from './run/step-effect.ts'
export { errorCatalog } from './errors/error-catalog.ts'
export type { ErrorCatalogEntry } from './errors/error-catalog.ts'
export { maxVersion } from './plan/migration.ts'
export type {
  Direction,
  Migration,
  MigrationFile,
  MigrationStep,
  Version,
} from './plan/migration.ts'
export { formatState, formatVersion } from './plan/version-state.ts'
export type { VersionState } from './plan/version-state.ts'
export { formatMigrationFilename, parseMigrationFilename } from './plan/migration-filename.ts'
export type { MigrationFilename } from './plan/migration-filename.ts'
export { directorySource } from './source/directory-source.ts'
export { memorySource } from './source/memory-source.ts'
export type { MigrationListing, Source } from './source/source.ts'
export { memoryDatabase, memoryDriver } from './driver/memory-driver.ts'
export type { MemoryDatabase, MemoryTable } from './driver/memory-driver.ts'
export type {
  DatabaseInfo,
  Driver,
  DriverCapabilities,
  DriverFactory,
  DropReport,
  Durability,
  LockReport,
  LockStrategy,
} from './driver/driver.ts'
export type {
  LedgerEntry,
  LedgerEvent,
  LedgerEventKind,
  LedgerQuery,
  LedgerSnapshot,
} from './ledger/ledger.ts'
