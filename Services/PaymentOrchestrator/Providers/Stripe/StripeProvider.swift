import HTTPClient
import Observability
import PaymentModel
package import PaymentOrchestratorDomain

/// Stripe, as its API is documented: a hosted Checkout page, paid at once by card.
///
/// Our name for a payment at Stripe is the session's. A creation and a refund carry an idempotency key made of our ids,
/// so a repetition acts once; keys are forgotten after a day, which is why a refund is looked for before it is ordered.
package struct StripeProvider: PaymentProvider {
    let settings: StripeSettings
    let transport: ProviderTransport

    /// Stripe behind a transport.
    package init(_ settings: StripeSettings, transport: ProviderTransport) {
        self.settings = settings
        self.transport = transport
    }

    /// What Stripe can do.
    package var capabilities: ProviderCapabilities {
        ProviderCapabilities(
            plans: [.now], currencies: nil, pageLifetimeMax: .seconds(24 * 3_600), repetition: .opensOnce,
            waitsForOurWord: false, findsAttempts: true, asksAboutPlans: false)
    }

    package func check(_ account: AccountAccess) async throws(OutcomeUnknown) -> AccountCheck {
        if let secret = account.credentials.notifications, !secret.reveal().hasPrefix(StripeWebhook.secretPrefix) {
            return .refused("not a signing secret of Stripe's: whsec_…")
        }
        switch try await call(.account, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return .refused(refusal.reason)
        case .answered(let body):
            let found: StripeResponse.Account = try decoded(body)
            let terms = PlanTerms(
                plan: .now, minimum: settings.minimum, maximum: settings.maximum,
                clinicRate: settings.clinicRate, clinicFixed: settings.clinicFixed, customerRate: BasisPoints(0))
            return .connected(
                ProviderContract(
                    merchant: found.id, canCreatePayments: found.charges_enabled ?? true, plans: [terms]))
        }
    }

    package func offers(
        for question: EligibilityQuestion, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> Offers {
        .made(try question.offersAtOnce(today: account.localDate(settings.time.now())))
    }

    package func start(_ order: StartOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> StartOutcome {
        guard order.terms.plan == .now else { return .refused("Stripe takes the whole amount at once") }
        switch try await call(.create(order, settings), account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return refusal.isAboutKey ? .neverReached : .refused(refusal.reason)
        case .answered(let body):
            let session: StripeResponse.Session = try decoded(body)
            guard session.names.allSatisfy({ AttemptID($0) == order.attempt }) else {
                throw OutcomeUnknown("Stripe answered about another session")
            }
            guard session.amount == order.terms.amount else {
                throw OutcomeUnknown("Stripe opened a session about another amount")
            }
            guard let url = session.url else { throw OutcomeUnknown("Stripe opened a session without an address") }
            return .opened(reference: session.id, payURL: url)
        }
    }

    package func report(
        on reference: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard ProviderReference.isSafe(reference, max: 255) else { return nil }
        guard reference.hasPrefix("pi_") else {
            guard let session: StripeResponse.Session = try await object(.session(reference), account) else {
                return nil
            }
            guard session.id == reference else { throw OutcomeUnknown("Stripe answered about another session") }
            return try await report(of: session, account)
        }
        let found: StripeResponse.List<StripeResponse.Session>? =
            try await object(.sessions(ofIntent: reference), account)
        guard let session = found?.data.first else { return nil }
        return try await report(of: session, account)
    }

    package func cancel(_ reference: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> CancelOutcome {
        guard ProviderReference.isSafe(reference, max: 255) else { return .refused("not a session of Stripe's") }
        switch try await call(.expire(reference), account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return .refused(refusal.reason)
        case .answered: return .cancelled
        }
    }

    package func verify(
        _ notification: ProviderNotification, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> NotificationVerdict {
        guard let secret = account.credentials.notifications,
            StripeWebhook.isGenuine(notification, key: secret, tolerance: settings.signatureTolerance)
        else { return .forged }
        return .genuine(reference: StripeWebhook.reference(in: notification.body, mode: settings.mode))
    }
}

// MARK: Reading back

extension StripeProvider {
    /// What became of a session, and of its money once the client has gone through it.
    func report(
        of session: StripeResponse.Session, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport {
        let money = try await money(of: session, account)
        let status = session.status(money?.status, at: settings.time.now())
        var bare = ProviderReport(
            reference: session.id, attempt: session.attempt, status: status, amount: money?.amount ?? session.amount,
            payURL: session.url)
        bare.isAgreed = session.status == "complete"
        guard status == .paid, var report = money else { return bare }
        // A contradiction that is not passed on would stay unknown for ever.
        if report.amount != session.amount { report.otherAmount = session.amount }
        report.reference = session.id
        report.attempt = session.attempt
        return report
    }

    private func money(
        of session: StripeResponse.Session, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard session.status == "complete", let id = session.payment_intent?.id else { return nil }
        guard let report = try await report(onIntent: id, account) else {
            throw OutcomeUnknown("Stripe does not give the payment of its session")
        }
        guard report.attempt == nil || session.attempt == nil || report.attempt == session.attempt else {
            throw OutcomeUnknown("Stripe gives another try's payment for its session")
        }
        return report
    }

    /// What moved by a payment intent, whatever page it was begun on; `nil` when Stripe has none of that name.
    package func report(
        onIntent id: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        guard ProviderReference.isSafe(id, max: 255),
            let intent: StripeResponse.Intent = try await object(.intent(id), account)
        else { return nil }
        guard intent.id == id else { throw OutcomeUnknown("Stripe answered about another payment") }
        var report = ProviderReport(
            reference: id, attempt: intent.metadata?.attempt.flatMap { AttemptID($0) }, status: intent.reportedStatus,
            amount: intent.money)
        guard report.status == .paid else { return report }
        report.acceptedAt = intent.takenAt
        report.fee = intent.fee
        report.schedule = [
            ScheduledInstalment(
                dueOn: account.localDate(intent.takenAt ?? settings.time.now()), amount: intent.money,
                customerFee: .zero(intent.money.currency))
        ]
        let refunds = try await refunds(ofIntent: id, account)
        (report.refunds, report.pendingRefunds) = (refunds.compactMap(\.reported), refunds.compactMap(\.pending))
        if intent.latest_charge?.object?.disputed == true {
            report.disputes = try await disputes(ofIntent: id, account).map(\.reported)
        }
        return report
    }
}
