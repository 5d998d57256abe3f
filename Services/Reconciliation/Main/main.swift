import ReconciliationService
import ServiceRuntime

await ServiceProgram<ReconciliationService>.main()
