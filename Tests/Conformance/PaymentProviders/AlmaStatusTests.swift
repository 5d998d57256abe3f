import HTTPClient
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Testing

private let paid = #""payment_plan": [{"due_date": 1800000000, "date_paid": 1800000060, "purchase_amount": 20000}]"#

@Suite struct `Alma's states` {
    @Test(arguments: [
        (#""state": "not_started", "processing_status": "awaiting_authorization""#, ProviderReport.Status.pending),
        (#""state": "scored_yes", "processing_status": "authorized""#, .pending),
        (#""state": "in_progress""#, .paid),
        (#""state": "paid""#, .paid),
        (#""state": "paid", "expired_at": 1800000000"#, .paid),
        (#""state": "scored_yes", "processing_status": "captured""#, .paid),
        (#""state": "scored_no""#, .refused("declined by the provider")),
        (#""state": "not_started", "expired_at": 1800000000"#, .expired),
        (
            #""state": "not_started", "processing_status": "canceled", "cancelation_reason": "expired""#, .expired
        ),
        (
            #""state": "x", "processing_status": "canceled", "cancelation_reason": "authorization_expired""#, .expired
        ),
        (
            #""state": "x", "processing_status": "canceled", "cancelation_reason": "requested_by_customer""#,
            .cancelled
        ),
        (#""state": "late_dunning", "# + paid, .paid),
        (#""state": "late_dunning""#, .pending),
        (#""state": "late_dunning", "deferred_days": 0, "deferred_months": null"#, .pending),
        (#""state": "late_dunning", "deferred_days": 30"#, .paid),
        (#""state": "default", "deferred_days": 0, "deferred_months": 1"#, .paid),
        (#""state": "a_state_of_tomorrow", "processing_status": "another""#, .pending),
        (#""state": null"#, .pending),
    ])
    func `mean what the documentation says, and pending when it says nothing`(
        fields: String, status: ProviderReport.Status
    ) async throws {
        let alma = ScriptedAlma(ScriptedAlma.json(ProviderExamples.payment(fields)))
        let report = try await alma.provider.report(on: "payment_x", ProviderExamples.account)
        #expect(report?.status == status)
    }

    @Test func `PAY-12: of what is paid pass on a schedule of another amount, so that a person decides`() async throws {
        let amounts: [(cents: [Int], refunds: String, other: Int64?)] = [
            ([6_668, 6_666, 6_666], "", nil), ([6_667, 6_666, 6_666], "", 19_999), ([20_000, 1], "", 20_001),
            ([6_168, 6_666, 6_666], #", "refunds": [{"id": "refund_1", "amount": 500}]"#, nil),
        ]
        for (cents, refunds, other) in amounts {
            let plan = cents.map { #"{"due_date": 1800000000, "purchase_amount": \#($0), "customer_fee": 310}"# }
            let fields = #""state": "in_progress", "payment_plan": [\#(plan.joined(separator: ", "))]\#(refunds)"#
            let alma = ScriptedAlma(ScriptedAlma.json(ProviderExamples.payment(fields)))
            let report = try await alma.provider.report(on: "payment_x", ProviderExamples.account)
            #expect(report?.status == .paid && report?.otherAmount?.minorUnits == other, "\(cents)")
        }
    }

    @Test func `come with the schedule, the fee and the refunds in our words`() async throws {
        let fields = """
            "state": "in_progress", "fees": {"merchant": {"total": 864, "total_excluding_tax": 720, "tax": 144}},
            "payment_plan": [
              {"due_date": 1802592000, "purchase_amount": 6666, "customer_fee": 0},
              {"due_date": 1800000000, "date_paid": 1800000060, "purchase_amount": 6668, "customer_fee": 310},
              {"due_date": 1800000000, "purchase_amount": 0, "is_check": true}],
            "refunds": [{"id": "refund_1", "amount": 500, "merchant_reference": "\(RefundID(3))"},
                        {"id": "refund_2", "amount": 100, "merchant_reference": "by hand"}],
            "amount_already_refunded": 700
            """
        let alma = ScriptedAlma(ScriptedAlma.json(ProviderExamples.payment(fields)))
        let report = try #require(try await alma.provider.report(on: "payment_x", ProviderExamples.account))
        #expect(report.attempt == ProviderExamples.attempt)
        #expect(report.schedule.map(\.amount.minorUnits) == [6668, 6666])
        #expect(report.schedule.map(\.customerFee.minorUnits) == [310, 0])
        #expect(report.fee == ProviderFee(net: .euros(cents: 720), vat: .euros(cents: 144)))
        #expect(report.acceptedAt == Instant(secondsSince1970: 1_800_000_060))
        #expect(report.refunds.map(\.id) == [RefundID(3), nil])
        #expect(report.refundedInAll == .euros(cents: 700), "its own sum, whatever it lists")
    }
}
