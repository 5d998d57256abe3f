import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Testing

/// Whatever number Alma, or somebody in its place, answers: it is taken, refused or not understood, and nothing ends.
@Suite struct `A number beyond its meaning in an answer of Alma's` {
    private static let worst = ["9223372036854775807", "-9223372036854775808", "1e300", "99999999999999999999", "0"]

    private static let payment = """
        {"id": "payment_x", "url": "https://checkout.example/x", "purchase_amount": #, "created": #, "expired_at": #,
         "state": "in_progress", "custom_data": [], "fees": {"merchant": {"total_excluding_tax": #, "tax": #}},
         "refunds": [{"id": "refund_1", "amount": #}], "amount_already_refunded": #, "payment_plan": [{"due_date": #, "date_paid": #,
         "purchase_amount": #, "customer_fee": #, "customer_interest": #}]}
        """

    private static let account = """
        {"id": "merchant_x", "fee_plans": [{"kind": "general", "installments_count": #, "deferred_days": #,
         "deferred_months": #, "min_purchase_amount": #, "max_purchase_amount": #, "merchant_fee_variable": #,
         "merchant_fee_fixed": #, "customer_fee_variable": #}]}
        """

    private static let eligibility = """
        [{"eligible": true, "purchase_amount": #, "installments_count": #, "deferred_days": #, "deferred_months": #,
         "constraints": {"purchase_amount": {"minimum": #, "maximum": #}}, "payment_plan": [{"due_date": #,
         "purchase_amount": #, "customer_fee": #, "customer_interest": #}]}]
        """

    /// Every text with one number at its worst and the rest harmless, and with all of them at their worst.
    private static func spoilt(_ template: String) -> [String] {
        let parts = template.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        return worst.flatMap { number in
            let single = (1..<parts.count).map { place in
                parts.enumerated().map { ($0 == 0 ? "" : $0 == place ? number : "3") + $1 }.joined()
            }
            return single + [parts.joined(separator: number)]
        }
    }

    @Test func `ends nothing when a payment is read`() async {
        var read = 0
        for answer in Self.spoilt(Self.payment) {
            let provider = ScriptedAlma(ScriptedAlma.json(answer)).provider
            let report = try? await provider.report(on: "payment_x", ProviderExamples.account)
            let amounts = (report?.schedule ?? []).flatMap { [$0.amount, $0.customerFee] }
            read += amounts.count
            #expect(amounts.allSatisfy { (0...2_000_000_000_000).contains($0.minorUnits) })
            _ = report?.schedule.map { $0.dueOn.adding(days: 60) }
        }
        #expect(read > 0, "some are understood")
    }

    @Test func `ends nothing when an account is connected and its fees are computed`() async throws {
        var computed = 0
        for answer in Self.spoilt(Self.account) {
            let provider = ScriptedAlma(ScriptedAlma.json(answer)).provider
            guard case .connected(let contract) = try? await provider.check(ProviderExamples.account) else { continue }
            for terms in contract.plans {
                computed += 1
                _ = try? terms.expectedFee(
                    on: .euros(cents: .max), feeOffered: true, vatRate: BasisPoints(2_000))
            }
        }
        #expect(computed > 0, "some are understood")
    }

    @Test func `ends nothing when plans are offered`() async throws {
        // What the harmless numbers come to: three cents in three times, after three days and three months.
        let told = try #require(PaymentPlan(instalments: 3, deferredDays: 93))
        var understood: Set<String> = []
        let question = EligibilityQuestion(
            amount: .euros(cents: 3), plans: OfferedPlans.all + [told], country: "FR",
            feeOffered: true, contract: nil, feeVATRate: BasisPoints(2_000), channel: .link)
        for answer in Self.spoilt(Self.eligibility) + Self.spoilt(Self.eligibility.replacing("true", with: "false")) {
            let provider = ScriptedAlma(ScriptedAlma.json(answer)).provider
            guard case .made(let offers) = try? await provider.offers(for: question, ProviderExamples.account),
                let offer = offers.first(where: { $0.plan == told })
            else { continue }
            switch offer.verdict {
            case .eligible(let schedule, _, _): if !schedule.isEmpty { understood.insert("with its schedule") }
            case .notEligible(let reason): if reason != .notInContract { understood.insert("with its bounds") }
            }
        }
        #expect(understood == ["with its schedule", "with its bounds"])
    }
}
