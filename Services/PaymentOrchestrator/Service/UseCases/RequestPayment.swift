import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PhoneNumbers
import PostgresClient
import TransactionalMessaging

/// Asks for a payment: checks who pays and what the provider offers, keeps it, and gives it a link.
struct RequestPayment: Sendable {
    /// What is asked for.
    struct Draft: Sendable {
        let clinic: ClinicID
        /// What it pays; `nil` for a free amount.
        let debt: Debt?
        var client: ClientID
        let amount: Money
        let plan: PaymentPlan
        let provider: Provider
        let channel: PaymentChannel
        let confirmation: Confirmation
        /// Whether the clinic bears the client's fee; `nil`: as it chose for the plan.
        let feeOffered: Bool?
        /// `nil`: as invoicing knows the client.
        let details: ClientDetails?
        /// What the client reads; `nil`: something that says nothing of what was done.
        let title: String?
        /// Who asks at the clinic, by id; `nil` where a program does.
        var requestedBy: String?
        /// Whether the client owes the same free amount once more, though one of that sum may still be paid.
        var another = false
    }

    /// What cannot be asked for; each is an answer for a person.
    enum Rejection: Error, Hashable, Sendable {
        case clinicNotDescribed
        case noAccount(Provider)
        /// The clinic's account works no longer, for this reason.
        case accountFailed(Provider, String)
        /// The provider lets the clinic's account take no payments yet.
        case accountNotReady(Provider)
        case ownContacts([String])
        /// The link or the code would go by SMS to a number that takes none.
        case phoneNotMobile
        /// The provider takes these currencies alone.
        case otherCurrency(Provider, [Currency])
        /// The books the money goes into are in euros.
        case notInEuros
        case planNotOffered
        /// The client of this plan has no fee that could be taken over.
        case noFeeToOffer
        case notEligible(PlanOffer.Reason)
        case debtUnknown(Debt)
        case clientUnknown
        case clientErased
    }

    let ask: AskProvider
    let ids: IdentifierSource
    let time: TimeSource
    /// How long an invoice or a client is waited for whose event may still be on the way.
    let arrivalWait: Duration
    let codes: VerificationCodes
    let usury: UsuryTable
    let readClient: ReadClient
    let readMethods: ReadMethods
    let confirm: ConfirmArrival
    let accounts = ProviderAccountStore()
    let clinics = ClinicStore()
    let clients = ClientStore()
    let receivables = ReceivableStore()

    /// The payment's name, the same one however often the cause comes, and the payment where it was made just now.
    ///
    /// Of a client that became another one, that one is asked.
    func run(_ draft: Draft, because cause: Cause) async throws -> (id: PaymentID, record: PaymentRecord?) {
        var draft = draft
        while true {
            do { return try await request(draft, because: cause) } catch let merged as ClientMerged {
                draft.client = merged.into
            }
        }
    }

    private func request(
        _ draft: Draft, because cause: Cause
    ) async throws -> (id: PaymentID, record: PaymentRecord?) {
        let organisation = cause.organisation
        // A repetition has its answer, whatever the clinic and the provider would say by now.
        let found = try await ask.store.database.read(organisation: organisation) {
            try $0.read(
                cause.firstAnswer(as: PaymentID.self), clinics.all(of: organisation),
                accounts.finding(of: draft.clinic, organisation, at: draft.provider),
                arrival(of: draft, organisation), clients.standing(of: draft.client, organisation))
        }
        let (known, places, account, hasArrived, standing) = found
        if let known { return (known, nil) }
        try require(standing)
        let (place, payee) = try check(draft, places.first { $0.id == draft.clinic }, account)
        if let refusal = try await readMethods.refusals(in: organisation)[draft.provider] { throw refusal }
        let told = try await hasArrived ? nil : confirm.run(draft.debt, draft.client, of: organisation)
        let client = try await client(of: draft, of: organisation, besides: places.map(\.own))
        let (quote, call) = try await quote(draft, client, payee)
        let (record, facts) = try record(draft, client, place, payee, quote)
        if !hasArrived, told == nil { try await wait(for: draft, of: organisation) }
        return try await keep(record, facts, draft, told, after: call, because: cause)
    }

    private func keep(
        _ record: PaymentRecord, _ facts: [PaymentFact], _ draft: Draft, _ told: ConfirmArrival.Told?,
        after call: ExchangeLine?, because cause: Cause
    ) async throws -> (id: PaymentID, record: PaymentRecord?) {
        let store = ask.store
        do {
            let applied = try await store.database.change(because: cause) { change in
                try admit(draft, told, in: &change)
                try store.insert(record, facts: facts, after: call, in: &change)
                return record.id
            }
            return (applied.answer, applied.replayed ? nil : record)
        } catch let error as OtherPaymentIsLive where error.other == nil {
            throw OtherPaymentIsLive(other: try await other(draft, of: cause.organisation))
        }
    }

    /// The payment that stands in the way, so that whoever waits can be told which it is.
    private func other(_ draft: Draft, of organisation: OrganisationID) async throws -> LivePayment? {
        guard let debt = draft.debt else { return nil }
        return try await ask.store.database.read(organisation: organisation) { transaction in
            try ask.store.findLive(for: debt, of: organisation, in: &transaction).map(LivePayment.init)
        }
    }

    private func check(
        _ draft: Draft, _ clinic: ClinicRecord?, _ account: AccountRecord?
    ) throws -> (ClinicRecord, AccountRecord) {
        guard let clinic else { throw Rejection.clinicNotDescribed }
        guard let account else { throw Rejection.noAccount(draft.provider) }
        if let failure = account.failure { throw Rejection.accountFailed(draft.provider, failure) }
        guard account.contract.canCreatePayments else { throw Rejection.accountNotReady(draft.provider) }
        try ask.requireCurrency(of: draft.amount, at: draft.provider)
        guard draft.amount.currency == .eur else { throw Rejection.notInEuros }
        guard account.settings.offeredPlans.contains(draft.plan) else { throw Rejection.planNotOffered }
        guard draft.feeOffered != true || account.hasFeeToOffer(of: draft.plan) else { throw Rejection.noFeeToOffer }
        return (clinic, account)
    }

    /// Who pays, as the request says or else as invoicing knows the client; never a clinic of the organisation itself,
    /// of which each has its own list of its people.
    private func client(
        of draft: Draft, of organisation: OrganisationID, besides own: [OwnContacts]
    ) async throws -> ClientDetails {
        let details: ClientDetails
        if let given = draft.details {
            details = given
        } else {
            details = try await readClient.run(draft.client, of: organisation)
        }
        let belonging = details.fieldsBelonging(to: OwnContacts(of: own))
        guard belonging.isEmpty else { throw Rejection.ownContacts(belonging) }
        let goesBySMS = draft.channel == .sms || draft.confirmation == .code
        guard !goesBySMS || PhoneNumbers.kind(of: details.phone).mayTakeSMS else { throw Rejection.phoneNotMobile }
        return details
    }

    /// What is paid when by the provider's word, with the call that told it.
    func quote(
        _ draft: Draft, _ client: ClientDetails, _ account: AccountRecord
    ) async throws -> (schedule: [ScheduledInstalment], call: ExchangeLine?) {
        let question = EligibilityQuestion(
            amount: draft.amount, plans: [draft.plan], country: client.country,
            feeOffered: account.offersFee(of: draft.plan, wish: draft.feeOffered),
            contract: account.contract, feeVATRate: account.settings.feeVATRate, channel: draft.channel)
        let today = ask.calendar(of: account).date(of: time.now())
        let asked = try await ask.plans(question, account)
        let offer = try asked.verdicts.get().first { $0.plan == draft.plan }
        switch offer?.within(usury, on: today).verdict {
        case .eligible(let schedule, _, _): return (schedule, asked.call)
        case .notEligible(let reason): throw Rejection.notEligible(reason)
        case nil: throw Rejection.notEligible(.notInContract)
        }
    }

    func record(
        _ draft: Draft, _ client: ClientDetails, _ clinic: ClinicRecord, _ account: AccountRecord,
        _ quote: [ScheduledInstalment]
    ) throws -> (PaymentRecord, [PaymentFact]) {
        let now = time.now()
        let terms = PaymentTerms(
            id: ids.make(), debt: draft.debt, client: draft.client, amount: draft.amount, plan: draft.plan,
            provider: draft.provider, account: account.id, channel: draft.channel, confirmation: draft.confirmation,
            feeOffered: account.offersFee(of: draft.plan, wish: draft.feeOffered),
            expiresAt: now.adding(.seconds(3_600 * account.settings.linkLifetimeHours)))
        var (payment, facts) = Payment.request(terms, at: now)
        if terms.confirmation == .code { facts += try payment.askForCode(codes.make(), at: now) }
        let record = PaymentRecord(
            payment: payment, organisation: account.organisation, clinic: account.clinic, client: client,
            title: draft.title ?? client.language.care, quote: quote,
            token: try LinkToken.random().kept(for: terms.id, by: ask.sealer),
            createdAt: now, timeZone: clinic.timeZone, requestedBy: draft.requestedBy)
        return (record, facts)
    }

    /// Waits for what was issued or entered a moment ago: its event may still be on the way.
    private func wait(for draft: Draft, of organisation: OrganisationID) async throws {
        let deadline = time.now().adding(arrivalWait)
        while true {
            let hasArrived = try await ask.store.database.read(organisation: organisation) { transaction in
                try transaction.read(arrival(of: draft, organisation))
            }
            if hasArrived { return }
            guard time.now() < deadline else {
                throw draft.debt.map(Rejection.debtUnknown) ?? Rejection.clientUnknown
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Whether the event of what it pays, or of its client, is here.
    private func arrival(of draft: Draft, _ organisation: OrganisationID) -> Query<Bool> {
        guard let debt = draft.debt else { return clients.isKnown(draft.client, of: organisation) }
        return receivables.isKnown(debt, of: organisation)
    }

    /// Client and debt are held as they are, so that the one cannot be erased, nor the other be paid otherwise,
    /// between this look and the commit.
    func admit(_ draft: Draft, _ told: ConfirmArrival.Told? = nil, in change: inout Change) throws {
        let organisation = change.cause.organisation
        try requireNoSame(draft, in: &change)
        clients.holdOff(erasureOf: draft.client, in: &change)
        if let told { receivables.saveUnlessKnown(told.owed, at: told.clinic, in: &change) }
        let (standing, found) = try change.read(
            clients.standing(of: draft.client, organisation), receivables.locking(draft.debt, of: organisation))
        try require(standing)
        guard let debt = draft.debt else { return }
        guard let receivable = found else { throw Rejection.debtUnknown(debt) }
        try receivable.admit(draft.amount, from: draft.client, at: draft.clinic)
    }

    private func require(_ standing: ClientStanding?) throws {
        if let other = standing?.mergedInto { throw ClientMerged(into: other) }
        guard standing?.isErased != true else { throw Rejection.clientErased }
    }

    /// No index knows what a free amount is for, as one does for a debt: of several desks that ask a client for the
    /// same sum at one moment the first is alone with the client, and the others see its payment.
    private func requireNoSame(_ draft: Draft, in change: inout Change) throws {
        guard draft.debt == nil, !draft.another else { return }
        clients.holdAlone(draft.client, in: &change)
        let same = try change.read(
            ask.store.findingLive(draft.amount, of: draft.client, at: draft.clinic, change.cause.organisation))
        if let same { throw OtherPaymentIsLive(other: LivePayment(same)) }
    }
}

extension Language {
    /// What is paid for, where nobody said it.
    var care: String {
        switch self {
        case .french: "Soins vétérinaires"
        case .english: "Veterinary care"
        }
    }
}
