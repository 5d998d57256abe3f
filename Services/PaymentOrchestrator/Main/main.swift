import PaymentOrchestratorService
import ServiceRuntime

await ServiceProgram<PaymentOrchestrator>.main()
