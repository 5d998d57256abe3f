import HTTPServer
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime
import TransactionalMessaging

/// Clinics, their accounts at providers, and what those offer.
struct AccountRoutes: Sendable {
    let connect: ConnectAccount
    let change: ChangeAccountSettings
    let keepReferral: KeepReferral
    let offer: OfferPlans
    let database: Database
    let accounts = ProviderAccountStore()
    let clinics = ClinicStore()

    var routes: [Route] {
        [
            Route(.put, "/v1/clinics/{clinicID}", operation: "describeClinic", access: .manageAccounts, describeClinic),
            Route(
                .post, "/v1/provider-accounts", operation: "connectProviderAccount", access: .manageAccounts,
                idempotency: .required, connectAccount),
            Route(.get, "/v1/provider-accounts", operation: "listProviderAccounts", access: .seeAccounts, listAccounts),
            Route(
                .get, "/v1/provider-accounts/{accountID}", operation: "getProviderAccount", access: .seeAccounts,
                getAccount),
            Route(
                .put, "/v1/provider-accounts/{accountID}/settings", operation: "changeAccountSettings",
                access: .manageAccounts, changeSettings),
            Route(
                .put, "/v1/provider-accounts/{accountID}/referral", operation: "keepReferral", access: .manageAccounts,
                putReferral),
            Route(.post, "/v1/eligibility", operation: "askEligibility", access: .seeAccounts, eligibility),
        ]
    }

    @Sendable private func describeClinic(_ request: Request) async throws -> Response {
        let clinic: ClinicID = try request.path("clinicID")
        try request.principal.require(clinic)
        let organisation = try request.organisation
        let record = try request.read { fields in
            ClinicRecord(
                id: clinic, organisation: organisation, name: fields.words("name"), own: ownContacts(fields),
                timeZone: fields.optionalText(
                    "timeZone", max: 64, remedy: "Give a zone such as Indian/Reunion."
                ) { try? TimeZones.checked($0) })
        }
        try await database.change(because: try request.cause()) { change in
            guard try clinics.claim(clinic, in: &change) else { throw NotFound.clinic }
            try clinics.save(record, in: &change)
        }
        return .empty()
    }

    private func ownContacts(_ fields: Fields) -> OwnContacts {
        let phones = fields.strings("ownPhones", count: 0...200, max: 20)
        let emails = fields.strings("ownEmails", count: 0...200, max: 254)
        let addresses = fields.strings("ownAddresses", count: 0...50)
        if phones.contains(where: { Phone(e164: $0) == nil }) {
            fields.refuse("ownPhones", reason: "One is not in E.164.", remedy: "Give numbers such as +33478000000.")
        }
        if emails.contains(where: { EmailAddress($0) == nil }) {
            fields.refuse("ownEmails", reason: "One is no address.", remedy: "Give addresses such as name@example.com.")
        }
        return OwnContacts(
            phones: phones.compactMap(Phone.init(e164:)), emails: emails.compactMap(EmailAddress.init),
            addresses: addresses)
    }

    @Sendable private func connectAccount(_ request: Request) async throws -> Response {
        let draft = try request.read { fields in
            let draft = ConnectAccount.Draft(
                clinic: fields.id("clinicID"), provider: fields.enumeration("provider"),
                credentials: ProviderCredentials(
                    key: Secret(fields.string("key")), client: fields.optionalString("client"),
                    notifications: fields.optionalString("notificationKey").map { Secret($0) }))
            if draft.provider == .paypal, draft.credentials.client == nil {
                fields.refuse(
                    "client", reason: "PayPal wants the client's id beside its secret.",
                    remedy: "Copy the client id from the app at PayPal that the secret is of.")
            }
            return draft
        }
        try request.principal.require(draft.clinic)
        let id = try await connect.run(draft, because: try request.cause())
        return try await account(id, request).with("Location", "/v1/provider-accounts/\(id)")
    }

    @Sendable private func listAccounts(_ request: Request) async throws -> Response {
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try accounts.all(of: principal.organisation, in: &transaction)
        }
        let visible = found.filter { principal.clinics.includes($0.clinic) }
        var answers: [ProviderAccountAnswer] = []
        for account in visible { answers.append(await answer(account)) }
        return try request.json(.ok, Page(items: answers, next: nil))
    }

    @Sendable private func getAccount(_ request: Request) async throws -> Response {
        try await account(try request.path("accountID"), request)
    }

    private func account(_ id: ProviderAccountID, _ request: Request) async throws -> Response {
        let found = try await known(id, request)
        return try request.json(.ok, await answer(found)).tagged(found.version)
    }

    private func answer(_ account: AccountRecord) async -> ProviderAccountAnswer {
        ProviderAccountAnswer(
            account, await connect.ask.condition(account.id),
            notificationKeySet: connect.credentials(of: account)?.notifications != nil)
    }

    private func known(_ id: ProviderAccountID, _ request: Request) async throws -> AccountRecord {
        let principal = try request.principal
        let account = try await database.read(organisation: principal.organisation) { transaction in
            try accounts.find(id, of: principal.organisation, in: &transaction)
        }
        guard let account, principal.clinics.includes(account.clinic) else { throw NotFound.account }
        return account
    }
}

// MARK: Settings and plans

extension AccountRoutes {
    @Sendable private func changeSettings(_ request: Request) async throws -> Response {
        let record = try await known(try request.path("accountID"), request)
        // What was chosen before may stay, and waits for the contract to have it.
        let possible = try connect.ask.provider(record.provider).capabilities.plans.filter { plan in
            record.contract.terms(of: plan) != nil || record.settings.offeredPlans.contains(plan)
        }
        let chosen = try request.read { fields in settings(fields, possible, record.settings.freePlans) }
        try await change.run(record.id, to: chosen, seen: request.versionToMatch(), because: try request.cause())
        return try await account(record.id, request)
    }

    @Sendable private func putReferral(_ request: Request) async throws -> Response {
        let id = try await known(try request.path("accountID"), request).id
        let (url, state): (String, ReferralLink.State) = try request.read { fields in
            let url = fields.words("url", max: 500)
            if !url.hasPrefix("https://") || url.contains(where: \.isWhitespace) {
                fields.refuse(
                    "url", reason: "It is no address of a provider's page.",
                    remedy: "Give an address such as https://provider.example/r/1.")
            }
            return (url, fields.enumeration("state"))
        }
        try await keepReferral.run(id, url, state, seen: request.versionToMatch(), because: try request.cause())
        return try await account(id, request)
    }

    /// What is said of free plans holds; where nothing is said, those stay free that are still offered.
    private func settings(_ fields: Fields, _ possible: [PaymentPlan], _ free: [PaymentPlan]) -> AccountSettings {
        let offered = plans("offeredPlans", fields, among: possible, "It is not in the contract.")
        return AccountSettings(
            payoutOffsetDays: fields.integer("payoutOffsetDays", in: 0...60),
            feeVATRate: fields.basisPoints("feeVATRate", in: 0...3_000), offeredPlans: offered,
            freePlans: fields.has("freePlans")
                ? plans("freePlans", fields, among: offered, "It is not among the offered plans.")
                : free.filter(offered.contains),
            linkLifetimeHours: fields.integer("linkLifetimeHours", in: 1...720))
    }

    private func plans(
        _ name: String, _ fields: Fields, among possible: [PaymentPlan], _ otherwise: Sentence
    ) -> [PaymentPlan] {
        let codes = fields.strings(name, count: 0...20, max: 12)
        let plans = codes.compactMap { PaymentPlan(code: $0) }
        let list = possible.map(\.code).joined(separator: ", ")
        if plans.count < codes.count {
            fields.refuse(name, reason: "A plan is not known.", remedy: "Give plans such as 3x or 1x+30d.")
        } else if let other = plans.first(where: { !possible.contains($0) }) {
            fields.refuse(
                name, reason: "\(other.code): \(otherwise)",
                remedy: possible.isEmpty ? "Leave the list empty." : "Give plans among \(list).")
        } else if Set(plans).count < plans.count {
            fields.refuse(name, reason: "A plan is in it twice.", remedy: "Give each plan once.")
        }
        return plans
    }

    @Sendable private func eligibility(_ request: Request) async throws -> Response {
        let question = try request.read { fields in
            OfferPlans.Question(
                clinic: fields.id("clinicID"), provider: fields.optionalEnumeration("provider"),
                amount: fields.money("amount"), feeOffered: fields.optionalBoolean("feeOffered"),
                country: fields.optionalCountry("country") ?? "FR",
                channel: fields.optionalEnumeration("channel") ?? .link, debt: PaymentDraftReader.debt(fields))
        }
        try request.principal.require(question.clinic)
        let offers = try await offer.run(question, of: try request.organisation)
        return try request.json(.ok, Page(items: offers.map(PlanAnswer.init), next: nil))
    }
}
