import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `The guide of invoicing` {
    @Test func `does what it says when somebody pastes it`() async throws {
        let invoicing = try await MortalInvoicing.start()
        try await invoicing.live()
        let somebody = Chain.principal(of: IdentifierSource.system.make())
        let (folder, guide) = (ExternalProcess.repository, "Services/Invoicing/Guide.md")
        let run = try await PythonScript.run([
            "\(folder)Tests/Integration/Invoicing/run_guide.py", "\(folder)\(guide)", invoicing.address,
            try await invoicing.token(of: somebody),
        ])
        try await invoicing.die()
        #expect(run.status == 0, "\(run.output)")
    }
}
