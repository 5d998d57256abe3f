import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What is expected at the bank, and when (REC-6).
struct ExpectedPayoutRoutes {
    let database: Database
    let expected = ExpectedPayoutList()

    var routes: [Route] {
        [
            Route(
                .get, "/v1/expected-payouts", operation: "listExpectedPayouts",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), list)
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (period, provider): (GridStore.Period, Provider?) = try request.readQuery { fields in
            (GridStore.Period(fields), fields.optionalEnumeration("provider"))
        }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try expected.rows(of: organisation, period, provider, &transaction)
        }
        return try .json(.ok, Page(items: found, next: nil))
    }
}

/// What a provider should bring on a day, or will take or give besides with a payout to come.
struct ExpectedPayoutAnswer: Codable, Sendable {
    /// A day on which banks work, but for what an earlier version expected on the day that was told; nothing of what
    /// has no day, such as refunds of payments that have arrived.
    let expectedOn: LocalDate?
    let provider: Provider
    let payments: Int
    /// How many of them are late.
    let late: Int
    /// What should arrive; below nothing, what will be taken.
    let net: Money
}
