import HTTPServer
import InvoicingDomain
import PageWriter
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What documents say of the organisation and of a client, and how they look (INV-5).
struct SellerRoutes {
    let database: Database
    let keep: KeepSeller
    let keepBilling: KeepBilling
    /// A picture is decoded where pages are drawn.
    let drawing: BlockingWork
    let sellers = SellerStore()

    /// Bytes of a logo; a page carries it, and is sent by mail.
    static let logoBytesMax = 262_144

    var routes: [Route] {
        let everybody = Access.roles(Set(Role.allCases), scope: "organisation:read")
        let managers = Access.roles([.manager], scope: "organisation:write")
        let billing = "/v1/clients/{clientID}/billing-details"
        return [
            Route(.get, "/v1/organisation/seller", operation: "getSeller", access: everybody, get),
            Route(.put, "/v1/organisation/seller", operation: "putSeller", access: managers, put),
            Route(
                .put, "/v1/organisation/logo", operation: "putLogo", access: managers,
                bodyBytesMax: Self.logoBytesMax, putLogo),
            Route(.delete, "/v1/organisation/logo", operation: "deleteLogo", access: managers, deleteLogo),
            Route(
                .get, billing, operation: "getBillingDetails",
                access: .roles([.manager, .frontDesk, .accountant, .service], scope: "clients:read"), getBilling),
            Route(
                .put, billing, operation: "putBillingDetails",
                access: .roles([.manager, .frontDesk], scope: "clients:write"), putBilling),
        ]
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try sellers.find(of: organisation, in: &transaction)
        }
        guard let found else {
            throw Problem(
                .notFound, detail: "Nothing was said of the organisation as a seller yet.",
                remedy: "Put it with If-Match: \"v0\".")
        }
        return try .json(.ok, SellerAnswer(found)).tagged(found.version)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let (seller, colour) = try request.read { fields in
            (
                Seller(fields),
                fields.optionalText("colour", max: 7, remedy: "Give a colour such as #1F5F7A.") { text in
                    Colour(hex: text) == nil ? nil : text
                }
            )
        }
        let applied = try await keep.put(
            seller, colour: colour, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func putLogo(_ request: Request) async throws -> Response {
        let bytes = request.body
        do {
            try await drawing.run { _ = try PNGPicture(bytes) }
        } catch let error as PageError {
            throw Problem(
                .unsupportedMediaType, detail: "The body is no usable picture: \(error.reason).",
                remedy: "Send a PNG of at most \(Self.logoBytesMax) bytes.")
        }
        return try await keepLogo(bytes, request)
    }

    @Sendable private func deleteLogo(_ request: Request) async throws -> Response {
        try await keepLogo(nil, request)
    }

    /// A logo is of the seller, whose version it has.
    private func keepLogo(_ logo: [UInt8]?, _ request: Request) async throws -> Response {
        let applied = try await keep.putLogo(logo, seen: request.versionToMatch(), because: request.cause())
        return .empty().tagged(applied.answer.version)
    }

    @Sendable private func getBilling(_ request: Request) async throws -> Response {
        let client: ClientID = try request.path("clientID")
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            guard try keepBilling.clients.find(client, of: organisation, in: &transaction) != nil else {
                throw NotFound.client(client)
            }
            return try keepBilling.billing.find(of: client, in: &transaction)
        }
        return try .json(.ok, BillingAnswer(found.details, of: client, version: found.version)).tagged(found.version)
    }

    @Sendable private func putBilling(_ request: Request) async throws -> Response {
        let client: ClientID = try request.path("clientID")
        let details = try request.read { fields in
            BillingDetails(
                company: fields.optionalString("company", max: 200), siren: fields.siren("siren"),
                vatNumber: fields.vatNumber("vatNumber"), street: fields.optionalString("street", max: 200),
                postcode: fields.optionalString("postcode", max: 20))
        }
        let applied = try await keepBilling.put(
            details, of: client, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}

extension Seller {
    fileprivate init(_ fields: Fields) {
        let address = fields.object("address")
        let numbers = (siren: fields.siren("siren"), siret: fields.siret("siret"), vat: fields.vatNumber("vatNumber"))
        fields.refuseStrangers(to: numbers.siren, siret: numbers.siret, vatNumber: numbers.vat)
        self.init(
            name: fields.string("name"), legalForm: fields.optionalString("legalForm", max: 60),
            capital: fields.optionalString("capital", max: 40), siren: numbers.siren, siret: numbers.siret,
            registry: fields.optionalString("registry", max: 60), vatNumber: numbers.vat,
            vatScheme: fields.enumeration("vatScheme"),
            address: PostalAddress(address),
            phone: fields.optionalString("phone", max: 30), email: fields.optionalEmail("email")?.text,
            latePenalty: fields.optionalString("latePenalty", max: 200),
            operations: fields.optionalEnumeration("operations"),
            bankAccount: fields.optionalObject("bankAccount").map { BankAccount($0) })
    }
}

extension PostalAddress {
    /// Where a seller or a clinic is, of which only the town must be told.
    init(_ fields: Fields) {
        self.init(
            street: fields.optionalString("street", max: 200), postcode: fields.optionalString("postcode", max: 20),
            town: fields.string("town", max: 100), country: fields.optionalCountry("country") ?? "FR")
    }
}

extension BankAccount {
    fileprivate init(_ fields: Fields) {
        self.init(
            iban: fields.iban("iban"),
            bic: fields.optionalText("bic", max: 11, remedy: "Give a BIC such as AGRIFRPP.", BankAccount.bic))
    }
}

extension Fields {
    /// Nine digits whose last one checks the others.
    func siren(_ name: String) -> String? {
        checkedDigits(name, count: 9, remedy: "Give the nine digits of a SIREN.")
    }

    /// A SIREN and five digits more, the last of which checks the others.
    fileprivate func siret(_ name: String) -> String? {
        checkedDigits(name, count: 14, remedy: "Give the fourteen digits of a SIRET.")
    }

    private func checkedDigits(_ name: String, count: Int, remedy: Sentence) -> String? {
        let digits = optionalText(name, max: count, remedy: remedy) { text in
            text.count == count && text.allSatisfy { $0.isASCII && $0.isNumber } ? text : nil
        }
        guard let digits, !Luhn.holds(digits) else { return digits }
        refuse(name, reason: "Its last digit does not fit the others.", remedy: "Look for a mistyped digit.")
        return nil
    }

    /// A country and up to twelve letters and digits; of a French one the key is checked.
    fileprivate func vatNumber(_ name: String) -> String? {
        let number = optionalText(name, max: 14, remedy: "Give a VAT number such as FR44732829320.") { text in
            VATNumber.isPlain(text) ? text : nil
        }
        guard let number, !FrenchVATNumber.holds(number) else { return number }
        refuse(
            name, reason: "Its key, the two characters after FR, does not fit the nine digits behind it.",
            remedy: "Look for a mistyped digit.")
        return nil
    }

    /// Refuses what is of another company than the SIREN says.
    fileprivate func refuseStrangers(to siren: String?, siret: String?, vatNumber: String?) {
        guard let siren else { return }
        if let siret, !siret.hasPrefix(siren) {
            refuse(
                "siret", reason: "It does not begin with the SIREN, \(siren).",
                remedy: "Give the SIRET of an establishment of the same company.")
        }
        if let vatNumber, vatNumber.hasPrefix("FR"), !vatNumber.hasSuffix(siren) {
            refuse(
                "vatNumber", reason: "It does not end with the SIREN, \(siren).",
                remedy: "Give the VAT number of the same company.")
        }
    }
}
