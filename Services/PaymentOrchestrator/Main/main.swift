import PaymentOrchestratorService
import ServiceRuntime

await ServiceProgram<PaymentOrchestratorService>.main()
