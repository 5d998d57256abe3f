import HTTPServer
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import ServiceRuntime
import TransactionalMessaging

/// The code a client reads out at the desk before paying there (PAY-5).
struct CodeRoutes: Sendable {
    let payments: PaymentRoutes
    let send: SendCode
    let check: CheckCode
    let codes: VerificationCodes
    let time: TimeSource

    var routes: [Route] {
        [
            Route(
                .post, "/v1/payments/{paymentID}/codes", operation: "sendCode", access: .makePayments,
                idempotency: .required, sendCode),
            Route(
                .post, "/v1/payments/{paymentID}/codes/check", operation: "checkCode", access: .makePayments,
                checkCode),
            Route(
                .get, "/v1/payments/{paymentID}/codes/{verificationID}", operation: "getCode", access: .reachClients,
                getCode),
        ]
    }

    @Sendable private func sendCode(_ request: Request) async throws -> Response {
        let record = try await payments.visible(try request.path("paymentID"), request)
        try await send.run(record.id, because: try request.cause())
        return try await answer(.created, record.id, request)
    }

    @Sendable private func checkCode(_ request: Request) async throws -> Response {
        let record = try await payments.visible(try request.path("paymentID"), request)
        let digits = try request.read { Secret($0.string("code", max: 12)) }
        switch try await check.run(record.id, digits, because: try request.cause()) {
        case .verified: return try await answer(.ok, record.id, request)
        case .wrong(let triesLeft):
            throw Problem.field(
                "/code",
                reason: triesLeft == 1
                    ? "It is not the code that was sent; 1 try is left."
                    : "It is not the code that was sent; \(triesLeft) tries are left.",
                remedy: triesLeft > 0 ? "Have the client read it out again." : "Send another code.")
        }
    }

    private func answer(_ status: Status, _ id: PaymentID, _ request: Request) async throws -> Response {
        let after = try await payments.visible(id, request)
        return try .json(status, PaymentAnswer(after)).tagged(after.version)
    }

    /// For whoever writes the message: the digits are worked out anew and only while they are good.
    @Sendable private func getCode(_ request: Request) async throws -> Response {
        let record = try await payments.visible(try request.path("paymentID"), request)
        let asked: VerificationID = try request.path("verificationID")
        guard let known = record.payment.verification, known.code.id == asked, known.verifiedAt == nil,
            known.triesLeft > 0, time.now() < known.expiresAt
        else { throw NotFound.code }
        let answer = CodeAnswer(
            recipient: try await payments.recipient(of: record), code: try codes.digits(of: known.code).reveal(),
            expiresAt: known.expiresAt)
        return try .json(.ok, answer)
    }
}
