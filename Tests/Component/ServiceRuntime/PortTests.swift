import InvoicingService
import NotificationService
import PaymentOrchestratorService
import ReconciliationService
import ServiceRuntime
import Testing

@Suite struct `The ports services listen on unless told otherwise` {
    private static let services: [any QuittanceService.Type] = [
        InvoicingService.self, PaymentOrchestratorService.self, NotificationService.self, ReconciliationService.self,
    ]

    @Test func `are four, and one is where the others ask for payments`() throws {
        let ports = Self.services.map { $0.port }
        #expect(Set(ports).count == ports.count)
        let address = NotificationService.settings.first { $0.name == "QUITTANCE_PAYMENTS_URL" }
        #expect(address?.standard?.hasSuffix(":\(PaymentOrchestratorService.port)") == true)
    }
}
