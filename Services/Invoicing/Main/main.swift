import InvoicingService
import ServiceRuntime

await ServiceProgram<InvoicingService>.main()
