import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Follows money through the books; nothing is written through it.
struct TrailStore {
    let settlements: SettlementStore
    let discrepancies: DiscrepancyStore
    let disputes: DisputeStore
    let windowDays: Int
    let expectations = ExpectationStore()
    let payouts = PayoutStore()
    let bank = BankStore()
    let charts = ChartStore()
    let journals = JournalStore()
    let origins = OriginStore()
    /// Payments of one payout that are followed one by one.
    static let paymentsMax = 500

    func invoice(
        _ id: InvoiceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> InvoiceTrailAnswer {
        let head = try head(of: id, of: organisation, &transaction)
        let payments = try expectations.list(
            "invoice = \(id)", of: organisation, limit: Self.paymentsMax, &transaction)
        let origin = try origins.origin(of: id, of: organisation, &transaction)
        guard head != nil || !payments.isEmpty || !origin.attempts.isEmpty else { throw NotFound.invoice(id) }
        return InvoiceTrailAnswer(
            invoiceID: id, number: head?.number, total: head?.total, origin: origin,
            received: try origins.received(for: id, of: organisation, &transaction),
            payments: try trails(payments, of: organisation, &transaction))
    }

    func payout(
        _ id: PayoutID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> PayoutTrailAnswer {
        guard let record = try payouts.find(id, of: organisation, &transaction) else { throw NotFound.payout(id) }
        let line = try bank.line(of: record, in: organisation, &transaction)
        let explanation = try PayoutExplanation(
            of: record.joint?.received ?? line?.amount ?? record.payout.amount,
            by: settlements.lines(of: id, &transaction))
        let payments = try expectations.list(
            "payout = \(id)", of: organisation, limit: Self.paymentsMax, &transaction)
        let chart = try charts.chart(of: organisation, &transaction)
        return PayoutTrailAnswer(
            explanation: try ExplanationAnswer(
                record, line, explanation, whose: settlements.whose(id, of: organisation, &transaction),
                windowDays: windowDays),
            payments: try trails(payments, of: organisation, &transaction),
            entries: try journals.entries(about: [id.value], of: organisation, chart, &transaction),
            discrepancies: try discrepancies.list("payout = \(id)", of: organisation, &transaction))
    }

    private func head(
        of invoice: InvoiceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> (number: String, total: Money?)? {
        try transaction.first(
            """
            SELECT number, currency, total FROM invoice_number
            WHERE invoice = \(invoice) AND organisation = \(organisation)
            """
        ) { row in
            let total: Int64? = try row("total")
            return (try row("number"), try total.map { Money($0, try row.currency()) })
        }
    }

    private func trails(
        _ payments: [Expectation], of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [PaymentTrailAnswer] {
        let chart = try charts.chart(of: organisation, &transaction)
        var trails: [PaymentTrailAnswer] = []
        for payment in payments {
            trails.append(try trail(payment, of: organisation, chart, &transaction))
        }
        return trails
    }

    private func trail(
        _ expectation: Expectation, of organisation: OrganisationID, _ chart: Chart,
        _ transaction: inout PostgresTransaction
    ) throws -> PaymentTrailAnswer {
        let settlement = expectation.settlement
        let records = try settlements.lines(of: settlement.payment, &transaction)
        let payout = try records.first { $0.line.kind == .payment }.flatMap {
            try payouts.find($0.payout, of: organisation, &transaction)
        }
        let line = try payout.flatMap { try bank.line(of: $0, in: organisation, &transaction) }
        let trail = try PaymentTrail(
            of: settlement, by: records.map(\.line), hasArrived: payout?.pointedBy != nil)
        let disputes = try disputes.disputes(of: settlement.payment, &transaction)
        let subjects =
            [settlement.payment.value] + records.map(\.id.value) + disputes.map(\.id.value)
            + (try expectations.refunds(of: settlement.payment, &transaction))
        let number = try expectation.invoice.flatMap { try head(of: $0, of: organisation, &transaction)?.number }
        let origin = try expectation.invoice.map { try origins.origin(of: $0, of: organisation, &transaction) }
        let whose = SettlementStore.Whose(client: expectation.client, invoiceNumber: number)
        return PaymentTrailAnswer(
            origin: origin, paymentID: settlement.payment, invoiceID: expectation.invoice, invoiceNumber: number,
            clientID: expectation.client, provider: expectation.provider,
            providerReference: expectation.providerReference, acceptedOn: expectation.acceptedOn,
            expectedOn: expectation.expectedOn, amount: settlement.amount, refunded: settlement.refunded,
            withheld: settlement.withheld, disputes: disputes.map { DisputeAnswer($0.dispute) }, fee: settlement.fee,
            feeVAT: settlement.feeVAT, expected: trail.expected, settled: trail.settled,
            remainder: trail.remainder, because: trail.because.rawValue,
            lines: try records.map { try ExplanationAnswer.Line($0.line, whose) },
            payout: payout.map(PayoutAnswer.init),
            bankLine: line.map(ExplanationAnswer.BankLine.init),
            entries: try journals.entries(about: subjects, of: organisation, chart, &transaction),
            discrepancies: try discrepancies.list("payment = \(settlement.payment)", of: organisation, &transaction))
    }
}
