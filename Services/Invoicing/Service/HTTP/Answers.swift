import InvoicingDomain
import PaymentModel
import PhoneNumbers

/// An invoice as the API shows it; also what a repeated request gets back.
struct InvoiceAnswer: Codable, Sendable {
    struct Line: Codable, Sendable {
        let label: String
        /// Thousandths of a unit.
        let quantityThousandths: Int64
        let unit: BilledUnit?
        /// Excluding VAT, in ten-thousandths of the currency's main unit.
        let unitPriceTenThousandths: Int64
        let vatBasisPoints: Int
        let discount: DiscountAnswer?
        let nature: Seller.Operations?
        let practitioner: String?
        let exemption: String?

        init(_ line: InvoiceLine) {
            label = line.label
            quantityThousandths = line.quantity.thousandths
            unit = line.unit
            unitPriceTenThousandths = line.unitPrice.tenThousandths
            vatBasisPoints = line.vatRate.value
            discount = line.discount.map(DiscountAnswer.init)
            nature = line.nature
            practitioner = line.practitioner
            exemption = line.exemption
        }
    }

    /// What a deposit billed before.
    struct Deducted: Codable, Sendable {
        let invoiceID: InvoiceID
        let number: String
        let vat: [VAT]

        init(_ deduction: Deduction) {
            invoiceID = deduction.deposit
            number = deduction.number
            vat = deduction.shares.map { VAT(rate: $0.rate, base: $0.base, vat: $0.vat) }
        }
    }

    struct VAT: Codable, Sendable {
        let rate: BasisPoints
        let base: Money
        let vat: Money
    }

    let id: InvoiceID
    let clinicID: ClinicID
    let clientID: ClientID
    let status: String
    let number: String?
    /// In the practice's own software.
    let reference: String?
    let issuedOn: LocalDate?
    let dueOn: LocalDate
    /// As it was told.
    let suppliedOn: LocalDate?
    let total: Money
    let paid: Money
    let credited: Money
    let writtenOff: Money
    /// Of a draft, what will be.
    let due: Money
    let vat: [VAT]
    let lines: [Line]
    let discount: DiscountAnswer?
    let notes: String?
    let deliveryAddress: DeliveryAnswer?
    /// The quote it came from.
    let quoteID: QuoteID?
    /// Whether it bills a part of its quote before the rest.
    let isDeposit: Bool
    let payableOnline: Bool
    let deductions: [Deducted]
    let version: Int64
    /// What was paid for it online; told of one invoice only.
    var online: [OnlineMark]?
    /// Whether what was paid for it is disputed, or was; told of one invoice only.
    var disputes: [DisputeRecord]?

    init(_ record: InvoiceRecord) {
        let invoice = record.invoice
        id = invoice.id
        clinicID = invoice.clinic
        clientID = invoice.client
        status = invoice.status.text
        number = invoice.number
        reference = record.reference
        issuedOn = invoice.issuedOn
        dueOn = invoice.dueOn
        suppliedOn = invoice.content.suppliedOn
        total = invoice.total
        paid = invoice.paid
        credited = invoice.credited
        writtenOff = invoice.writtenOff
        due = invoice.status == .draft ? invoice.total : invoice.due
        vat = invoice.vat.shares.map { VAT(rate: $0.rate, base: $0.base, vat: $0.vat) }
        lines = invoice.content.lines.map(Line.init)
        discount = invoice.content.discount.map(DiscountAnswer.init)
        notes = invoice.content.notes
        deliveryAddress = invoice.content.delivery.map(DeliveryAnswer.init)
        quoteID = invoice.origin.quote
        isDeposit = invoice.origin.isDeposit
        payableOnline = invoice.origin.isPayableOnline
        deductions = invoice.origin.deductions.map(Deducted.init)
        version = record.version
    }
}

/// A discount as the API shows it: one of the two.
struct DiscountAnswer: Codable, Sendable {
    let basisPoints: Int?
    let amount: Money?

    init(_ discount: Discount) {
        switch discount {
        case .share(let rate): (basisPoints, amount) = (rate.value, nil)
        case .amount(let money): (basisPoints, amount) = (nil, money)
        }
    }
}

/// Where things are delivered as the API shows it.
struct DeliveryAnswer: Codable, Sendable {
    let name: String?
    let street: String?
    let postcode: String?
    let town: String
    let country: String

    init(_ place: DeliveryPlace) {
        name = place.name
        street = place.address.street
        postcode = place.address.postcode
        town = place.address.town
        country = place.address.country
    }
}

extension Invoice.Status {
    /// The word on the wire.
    var text: String {
        switch self {
        case .draft: "draft"
        case .cancelled: "cancelled"
        case .issued: "issued"
        case .partPaid: "part-paid"
        case .paid: "paid"
        case .credited: "credited"
        case .writtenOff: "written-off"
        }
    }
}

/// An invoice in a list.
struct InvoiceSummary: Codable, Sendable, ClientRow {
    let id: InvoiceID
    let clinicID: ClinicID
    let clientID: ClientID
    let status: InvoiceStatusWord
    let number: String?
    let reference: String?
    let issuedOn: LocalDate?
    let dueOn: LocalDate
    let total: Money
    let due: Money
    var client: ClientName?
}

/// A client as the API shows it.
struct ClientAnswer: Codable, Sendable {
    let id: ClientID
    let clinicID: ClinicID
    let lastName: String
    let firstName: String
    let phone: String?
    /// What the number is for.
    let phoneKind: PhoneKind?
    let email: String?
    let language: Language
    let town: String
    let country: String
    let reference: String?
    /// What documents call it by; a part of its billing details.
    let company: String?
    let dunningPausedUntil: LocalDate?
    let version: Int64

    init(_ client: ClientRecord) {
        id = client.id
        clinicID = client.clinic
        lastName = client.details.lastName
        firstName = client.details.firstName
        phone = client.details.phone?.e164
        phoneKind = client.details.phone.map(PhoneNumbers.kind)
        email = client.details.email?.text
        language = client.details.language
        town = client.details.town
        country = client.details.country
        reference = client.details.reference
        company = client.company
        dunningPausedUntil = client.dunningPausedUntil
        version = client.version
    }
}

/// Where to find what a client became.
struct MergedAnswer: Codable, Sendable {
    let mergedInto: ClientID
}

/// A chain of clinics as the API shows it.
struct OrganisationAnswer: Codable, Sendable {
    let id: OrganisationID
    let name: String
    let siren: String?
    let version: Int64

    init(_ organisation: OrganisationRecord) {
        id = organisation.id
        name = organisation.name
        siren = organisation.siren
        version = organisation.version
    }
}

/// A clinic as the API shows it.
struct ClinicAnswer: Codable, Sendable {
    let id: ClinicID
    let code: String
    let name: String
    let timeZone: String
    let version: Int64

    init(_ clinic: ClinicRecord) {
        id = clinic.id
        code = clinic.code
        name = clinic.name
        timeZone = clinic.timeZone
        version = clinic.version
    }
}

extension AccountMovement.Kind {
    /// The word on the wire.
    fileprivate var text: String {
        switch self {
        case .creditNote: "credit-note"
        case .writeOff: "write-off"
        case .refundReturn: "refund-return"
        case .chargeBack: "charge-back"
        case .invoice, .receivable, .payment, .refund, .reversal, .archive: rawValue
        }
    }
}

/// A client's account over a period as the API shows it.
struct StatementAnswer: Codable, Sendable {
    struct Movement: Codable, Sendable {
        let kind: String
        let on: LocalDate
        let reference: String
        /// What the client owes grows by positive amounts.
        let amount: Money
    }

    let clientID: ClientID
    let from: LocalDate
    let to: LocalDate
    let opening: Money
    let movements: [Movement]
    let closing: Money

    init(_ statement: Statement, of client: ClientID, from: LocalDate, to: LocalDate) {
        clientID = client
        self.from = from
        self.to = to
        opening = statement.opening
        movements = statement.movements.map { movement in
            Movement(
                kind: movement.kind.text, on: movement.on,
                reference: movement.reference, amount: movement.amount)
        }
        closing = statement.closing
    }
}
