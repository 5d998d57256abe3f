import HTTPClient
import Observability
package import PaymentModel
package import PaymentOrchestratorDomain

/// PayPal, as its API is documented: an order the client agrees to on PayPal's page, and we capture.
///
/// Money moves by our capture alone. An order whose creation was not answered is known to nobody, so it can never be
/// paid; one that is called off is marked as such and never captured. Orders live hours: one that is gone is over.
///
/// Of what PayPal's own specification leaves open: an order still waiting for its payer may refuse the mark; it is then
/// not captured either, and the payment stays being cancelled until the order is gone.
package struct PayPalProvider: PaymentProvider {
    let settings: PayPalSettings
    let transport: ProviderTransport
    let tokens = PayPalTokens()
    let certificates: PayPalCertificates
    let searches = PayPalSearches()

    /// PayPal behind a transport.
    package init(_ settings: PayPalSettings, transport: ProviderTransport) {
        self.settings = settings
        self.transport = transport
        certificates = PayPalCertificates(settings)
    }

    /// What PayPal can do.
    package var capabilities: ProviderCapabilities {
        ProviderCapabilities(
            plans: [.now], currencies: nil, pageLifetimeMax: .seconds(3 * 3_600), repetition: .opensOnce,
            waitsForOurWord: true, findsAttempts: false, asksAboutPlans: false)
    }

    package func check(_ account: AccountAccess) async throws(OutcomeUnknown) -> AccountCheck {
        switch try await askForToken(account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return .refused(refusal.reason)
        case .answered(let body):
            let _: PayPalResponse.Token = try decoded(body)
            let terms = PlanTerms(
                plan: .now, minimum: settings.minimum, maximum: settings.maximum,
                clinicRate: settings.clinicRate, clinicFixed: settings.clinicFixed, customerRate: BasisPoints(0))
            return .connected(
                ProviderContract(merchant: account.credentials.client ?? "", canCreatePayments: true, plans: [terms]))
        }
    }

    package func offers(
        for question: EligibilityQuestion, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> Offers {
        .made(try question.offersAtOnce(today: account.localDate(settings.time.now())))
    }

    package func start(_ order: StartOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> StartOutcome {
        guard order.terms.plan == .now else { return .refused("PayPal takes the whole amount at once") }
        switch try await call(try request { try .create(order) }, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal) where refusal.saysPaidBefore:
            // Whoever wants to pay has paid: reading finds by which order, and the client comes back to us at once.
            return .opened(
                reference: PayPalInvoice.reference(of: order.terms.id), payURL: order.addresses.accepted)
        case .refused(let refusal): return refusal.isAboutKey ? .neverReached : .refused(refusal.reason)
        case .answered(let body):
            let opened: PayPalResponse.Order = try decoded(body)
            guard opened.unit?.custom_id == nil || opened.unit?.attempt == order.attempt else {
                throw OutcomeUnknown("PayPal answered about another order")
            }
            guard opened.unit?.amount.money == order.terms.amount else {
                throw OutcomeUnknown("PayPal opened an order about another amount")
            }
            guard let url = opened.payURL else { throw OutcomeUnknown("PayPal opened an order without an address") }
            return .opened(reference: opened.id, payURL: url)
        }
    }

    /// Nothing to find: an order that was never answered has an address nobody knows, and is never captured.
    package func find(
        _ attempt: AttemptID, startedAt: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? { nil }

    package func report(
        on reference: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard ProviderReference.isSafe(reference) else { return nil }
        if let payment = PayPalInvoice.payment(in: reference) {
            let since = settings.time.now().adding(.zero - settings.invoicesSearchedFor)
            return try await report(onInvoiceOf: payment, since: since, account)
        }
        guard let named = PayPalWebhook.capture(in: reference) else {
            let report = try await report(onOrder: reference, account)
            return report ?? ProviderReport.lapsed(reference)
        }
        if let order = named.order, let report = try await report(onOrder: order, account) { return report }
        guard var report = try await report(onCapture: named.id, refunds: named.refunds, account) else { return nil }
        // Where the order is gone they may have been read with the capture.
        if named.isDisputed, report.disputes.isEmpty {
            report.disputes = try await disputes(ofCapture: named.id, account)
        }
        return report
    }

    package func report(
        onMoney capture: String, givenBack refunds: [String], _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard ProviderReference.isSafe(capture), let named = PayPalWebhook.capture(in: capture) else { return nil }
        return try await report(onCapture: named.id, refunds: refunds, account)
    }

    package func collect(
        _ reference: String, since first: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard ProviderReference.isSafe(reference) else { return nil }
        if let payment = PayPalInvoice.payment(in: reference) {
            return try await report(onInvoiceOf: payment, since: first, account)
        }
        guard let order = try await order(reference, account) else { return .lapsed(reference) }
        guard order.waitsForOurWord else { return try report(of: order, account) }
        let answer = try await call(.take(order, at: settings.time.now()), account)
        if case .refused(let refusal) = answer, refusal.saysPaidBefore {
            return try await paidBefore(order, since: first, account)
        }
        // Whatever else it answers, the order is read again: captured before, declined, or done just now.
        return try await report(on: reference, account)
    }

    package func cancel(_ reference: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> CancelOutcome {
        guard ProviderReference.isSafe(reference) else { return .refused("not an order of PayPal's") }
        guard PayPalInvoice.payment(in: reference) == nil else { return .refused("paid by another order") }
        let order: PayPalResponse.Order?
        do throws(OutcomeUnknown) {
            order = try await self.order(reference, account)
        } catch {
            return .neverReached
        }
        guard let order else { return .refused("PayPal has no such order any more") }
        guard !order.isCalledOff else { return .cancelled }
        switch try await call(try request { try .callOff(reference, order.unit?.attempt) }, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return .refused(refusal.reason)
        case .answered: return .cancelled
        }
    }
}

// MARK: Reading back

extension PayPalProvider {
    func order(_ id: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> PayPalResponse.Order? {
        guard let order: PayPalResponse.Order = try await object(.order(id), account) else { return nil }
        guard order.id == id else { throw OutcomeUnknown("PayPal answered about another order") }
        return order
    }

    /// Another order took the money.
    private func paidBefore(
        _ order: PayPalResponse.Order, since first: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport {
        guard let payment = order.unit?.invoice_id.flatMap({ PaymentID($0) }) else {
            throw OutcomeUnknown("PayPal took the money by another order of an invoice that is none of ours")
        }
        return try await report(onInvoiceOf: payment, since: first, account)
    }

    /// What took a payment's money: PayPal takes one order of an invoice, and lists hours later which.
    private func report(
        onInvoiceOf payment: PaymentID, since first: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport {
        let found = try await captures(of: payment, since: first, account)
        for capture in found.captures {
            guard let report = try await report(onCapture: capture, refunds: [], account) else { continue }
            if report.status == .paid { return report }
        }
        throw OutcomeUnknown(
            "PayPal took the money by another order, which it does not list yet as paid since \(found.since)")
    }

    private func report(
        onOrder id: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard let order = try await order(id, account) else { return nil }
        return try await withDisputes(
            report(of: order, account), ofCapture: order.capture?.id, takenAt: order.capture?.takenAt, account)
    }

    private func report(
        of order: PayPalResponse.Order, _ account: AccountAccess
    ) throws(OutcomeUnknown) -> ProviderReport {
        guard let unit = order.unit else { throw OutcomeUnknown("PayPal answered an order about nothing") }
        var report = ProviderReport(
            reference: order.id, attempt: unit.attempt, status: order.reportedStatus,
            amount: (order.capture?.amount ?? unit.amount).money, payURL: order.payURL)
        report.isAgreed = order.status == "COMPLETED"
        report.list(unit.payments?.refunds ?? [])
        guard report.status == .paid, let capture = order.capture else { return report }
        // A contradiction that is not passed on would stay unknown for ever.
        if capture.amount.money != unit.amount.money { report.otherAmount = unit.amount.money }
        fill(&report, from: capture, account)
        return report
    }

    private func fill(
        _ report: inout ProviderReport, from capture: PayPalResponse.Capture, _ account: AccountAccess
    ) {
        if ProviderReference.isSafe(capture.id) { report.capture = PayPalWebhook.captured(capture.id) }
        report.acceptedAt = capture.takenAt
        report.fee = capture.fee
        report.schedule = [
            ScheduledInstalment(
                dueOn: account.localDate(capture.takenAt ?? settings.time.now()), amount: capture.amount.money,
                customerFee: .zero(capture.amount.money.currency))
        ]
    }

    /// A notification may name the capture; its order is what we know, as long as PayPal has it.
    ///
    /// Without the order nothing lists what went back of it: each refund is read by its own name, as far as it is
    /// known.
    private func report(
        onCapture id: String, refunds names: [String], _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard let capture: PayPalResponse.Capture = try await object(.capture(id), account) else { return nil }
        guard capture.id == id else { throw OutcomeUnknown("PayPal answered about another capture") }
        guard let name = capture.supplementary_data?.related_ids?.order_id, ProviderReference.isSafe(name) else {
            return nil
        }
        if let order = try await order(name, account) { return try report(of: order, account) }
        var report = ProviderReport(
            reference: name, attempt: capture.custom_id.flatMap { AttemptID($0) }, status: capture.reportedStatus,
            amount: capture.amount.money)
        fill(&report, from: capture, account)
        report.list(try await refunds(names, account))
        report.hidesRefundsBefore = settings.time.now().adding(.zero - settings.refundOrdersKnownFor)
        return try await withDisputes(report, ofCapture: id, takenAt: capture.takenAt, account)
    }

    private func refunds(
        _ names: [String], _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [PayPalResponse.Refund] {
        var found: [PayPalResponse.Refund] = []
        for name in names where ProviderReference.isSafe(name) {
            guard let refund: PayPalResponse.Refund = try await object(.refund(name), account) else { continue }
            guard refund.id == name else { throw OutcomeUnknown("PayPal answered about another refund") }
            found.append(refund)
        }
        return found
    }
}

/// References that mean a payment whose invoice PayPal calls paid, and of which it names no order.
enum PayPalInvoice {
    private static let prefix = "invoice-"

    static func reference(of payment: PaymentID) -> String { "\(prefix)\(payment)" }

    static func payment(in reference: String) -> PaymentID? {
        reference.hasPrefix(prefix) ? PaymentID(String(reference.dropFirst(prefix.count))) : nil
    }
}

extension ProviderRefusal {
    /// Whether an order of the same invoice was paid: that is no refusal of the client.
    fileprivate var saysPaidBefore: Bool { issues.contains("DUPLICATE_INVOICE_ID") }
}

extension ProviderReport {
    fileprivate mutating func list(_ refunds: [PayPalResponse.Refund]) {
        (self.refunds, pendingRefunds) = (refunds.compactMap(\.reported), refunds.compactMap(\.pending))
    }

    /// An order that PayPal no longer has; what was captured of it, if anything, is known by its capture alone.
    fileprivate static func lapsed(_ reference: String) -> ProviderReport {
        ProviderReport(reference: reference, attempt: nil, status: .lapsed, amount: .zero(.eur))
    }
}
