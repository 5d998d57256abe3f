import HTTPServer
import InvoicingDomain
import PaymentModel
import PhoneNumbers
import ServiceRuntime
import TransactionalMessaging

/// Other people of a client's (INV-2), and how an invoice can be paid online (INV-15).
struct ContactRoutes {
    let database: Database
    let keep: KeepContact
    let clients = ClientStore()
    let contacts = ContactStore()
    let invoices = InvoiceStore()
    let methods = MethodStore()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "clients:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "clients:write")
        let contact = "/v1/clients/{clientID}/contacts/{contactID}"
        return [
            Route(
                .post, "/v1/clients/{clientID}/contacts", operation: "addContact", access: writing,
                idempotency: .required, add),
            Route(.get, "/v1/clients/{clientID}/contacts", operation: "listContacts", access: reading, list),
            Route(.put, contact, operation: "changeContact", access: writing, change),
            Route(.delete, contact, operation: "removeContact", access: writing, remove),
            Route(
                .get, "/v1/invoices/{invoiceID}/online-offers", operation: "listOnlineOffers",
                access: .roles([.manager, .frontDesk, .accountant, .service], scope: "invoices:read"), offers),
        ]
    }

    @Sendable private func add(_ request: Request) async throws -> Response {
        let client: ClientID = try request.path("clientID")
        let typed = try request.read { fields in Typed<ContactDetails>(fields) }
        let applied = try await keep.add(typed, to: client, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func change(_ request: Request) async throws -> Response {
        let (client, id): (ClientID, ContactID) = (try request.path("clientID"), try request.path("contactID"))
        let typed = try request.read { fields in Typed<ContactDetails>(fields) }
        let applied = try await keep.change(
            id, of: client, to: typed, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func remove(_ request: Request) async throws -> Response {
        let (client, id): (ClientID, ContactID) = (try request.path("clientID"), try request.path("contactID"))
        try await keep.remove(id, of: client, seen: request.versionToMatch(), because: request.cause())
        return .empty()
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let client: ClientID = try request.path("clientID")
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            guard try clients.find(client, of: organisation, in: &transaction) != nil else {
                throw NotFound.client(client)
            }
            return try contacts.list(of: client, in: organisation, &transaction)
        }
        // There are never more than `ContactStore.countMax`: one page.
        return try .json(.ok, Page(items: found.map(ContactAnswer.init), next: nil))
    }

    @Sendable private func offers(_ request: Request) async throws -> Response {
        let id: InvoiceID = try request.path("invoiceID")
        let principal = try request.principal
        let organisation = principal.organisation
        let offers = try await database.read(organisation: organisation) { transaction in
            guard let found = try invoices.find(id, of: organisation, in: &transaction),
                principal.clinics.includes(found.invoice.clinic),
                let client = try clients.find(found.invoice.client, of: organisation, in: &transaction)
            else { throw NotFound.invoice(id) }
            let known = try methods.all(of: organisation, in: &transaction).map(\.method)
            return OnlineOffer.all(
                for: found.invoice, methods: known, email: client.details.email,
                hasMobile: client.details.phone.map(PhoneNumbers.kind) == .mobile)
        }
        return try request.json(.ok, Page(items: offers.map(OfferAnswer.init), next: nil))
    }
}

extension Typed<ContactDetails> {
    fileprivate init(_ fields: Fields) {
        let phone = fields.optionalString("phone", max: PhoneNumbers.textMax)
        let details = ContactDetails(
            lastName: fields.string("lastName", max: 100), firstName: fields.string("firstName", max: 100),
            email: fields.optionalEmail("email"))
        self.init(details: details, phone: phone)
        if phone == nil, details.email == nil, fields.isValid {
            fields.refuse("phone", reason: "Nobody can be reached like this.", remedy: "Give a phone or an e-mail.")
        }
    }
}

/// A way to pay online, or why it is not offered, as the API shows it.
struct OfferAnswer: Encodable, Sendable {
    let method: String
    let channel: String
    let offered: Bool
    /// Why not, as a code and for people.
    let refusal: String?
    let reason: Sentence?

    init(_ offer: OnlineOffer) {
        method = offer.method.code
        channel = offer.channel.rawValue
        offered = offer.isOffered
        refusal = offer.refusal.map(Self.code)
        reason = offer.refusal.map(Self.words)
    }

    private static func code(_ refusal: OfferRefusal) -> String {
        switch refusal {
        case .notIssued: "not-issued"
        case .nothingDue: "nothing-due"
        case .notPayableOnline: "not-payable-online"
        case .methodNotOnline: "method-not-online"
        case .methodNotUsed: "method-not-used"
        case .noEmail: "no-email"
        case .noMobile: "no-mobile"
        }
    }

    private static func words(_ refusal: OfferRefusal) -> Sentence {
        switch refusal {
        case .notIssued: "The invoice is not issued."
        case .nothingDue: "Nothing is due."
        case .notPayableOnline: "This deposit is not payable online."
        case .methodNotOnline(let code): "\(code) is not allowed online."
        case .methodNotUsed(let code): "\(code) is not in use."
        case .noEmail: "The client has no e-mail address."
        case .noMobile: "The client has no mobile number."
        }
    }
}
