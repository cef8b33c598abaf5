export { createMigrator, Migrator } from './migrator.ts'
export type { DownOptions, MigratorOptions, UpOptions } from './migrator-options.ts'
export type { OutOfOrder, RunOptions } from './run-options.ts'
export type { AppliedHow, AppliedRecord } from './ledger-view.ts'
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
} from './results.ts'
export type {
  DiagnosedFailure,
  DiagnosedObject,
  DiagnosedStatement,
  Diagnosis,
} from './doctor/diagnosis.ts'
export type { Contradiction } from './doctor/catalog-model.ts'
export type { DoctorResult, Finding, FindingCode } from './doctor/finding.ts'
export { provenRemedy, remedyText, type Remedy } from './doctor/explain-diagnosis.ts'
export type { BaselineOptions } from './baseline.ts'
export type { RepairAction, RepairOptions, RepairResult } from './doctor/repair.ts'
export type { Target } from './plan.ts'
export type { MigratorEvent, MigratorEventListener, WarningCode } from './events.ts'
export { isMigrateError, MigrateError } from './errors.ts'
export type {
  FailedStep,
  MigrateErrorCode,
  MigrateErrorDetails,
  MigrateErrorOptions,
} from './errors.ts'
export type { StepEffect } from './step-effect.ts'
export { errorCatalog } from './error-catalog.ts'
export type { ErrorCatalogEntry } from './error-catalog.ts'
export { maxVersion } from './migration.ts'
export type { Direction, Migration, MigrationFile, MigrationStep, Version } from './migration.ts'
export { formatState, formatVersion } from './version-state.ts'
export type { VersionState } from './version-state.ts'
export { formatMigrationFilename, parseMigrationFilename } from './migration-filename.ts'
export type { MigrationFilename } from './migration-filename.ts'
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
} from './ledger.ts'
