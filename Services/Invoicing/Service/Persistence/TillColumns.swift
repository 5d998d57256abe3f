import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What was noted at the till, as the columns of a payment hold it.
struct TillColumns {
    let kind: String?
    let payer: ClientID?
    let payerName: String?
    let collectedBy: String?
    let tendered: Int64?
    let chequeNumber: String?
    let chequeBank: String?
    let chequeDrawer: String?
    let notes: String?

    init(_ note: TillNote?) {
        kind = note?.kind.rawValue
        (payer, payerName) =
            switch note?.payer {
            case .anotherClient(let id): (id, nil)
            case .somebody(let name): (nil, name)
            case .theClient, nil: (nil, nil)
            }
        collectedBy = note?.collectedBy
        tendered = note?.tendered?.minorUnits
        chequeNumber = note?.cheque?.number
        chequeBank = note?.cheque?.bank
        chequeDrawer = note?.cheque?.drawer
        notes = note?.notes
    }

    init(_ row: Row) throws {
        kind = try row("kind")
        payer = try row("payer")
        payerName = try row("payer_name")
        collectedBy = try row("collected_by")
        tendered = try row("tendered")
        chequeNumber = try row("cheque_number")
        chequeBank = try row("cheque_bank")
        chequeDrawer = try row("cheque_drawer")
        notes = try row("notes")
    }

    /// Nil for money that came online.
    func note(_ currency: Currency) throws -> TillNote? {
        guard let kind, let collectedBy else { return nil }
        guard let kind = MethodKind(rawValue: kind) else {
            throw PostgresError(.decoding, "a payment's kind is no known one")
        }
        return TillNote(
            kind: kind, payer: payer.map(Payer.anotherClient) ?? payerName.map(Payer.somebody(name:)) ?? .theClient,
            collectedBy: collectedBy, tendered: tendered.map { Money($0, currency) },
            cheque: chequeNumber.map { Cheque(number: $0, bank: chequeBank, drawer: chequeDrawer) }, notes: notes)
    }
}
