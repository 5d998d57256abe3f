package import PaymentModel

/// What the hash of an issued document is computed over: every fact of it, and the hash of the document before.
///
/// Each value is written with its length, so that no two documents have one text.
package struct ChainText: Hashable, Sendable {
    package private(set) var text: String

    /// `previous` is the hash of the document before it in the series, as hexadecimal digits; empty for the first.
    package init(_ kind: DocumentSeries.Kind, number: String, previous: String) {
        text = ""
        add("previous", previous)
        add("kind", kind.rawValue)
        add("number", number)
    }

    /// What a digest is of: words that may have to be forgotten, which nobody can try out without the salt.
    init(salt: String) {
        text = ""
        add("salt", salt)
    }

    package mutating func add(_ name: String, _ value: some CustomStringConvertible) {
        let value = value.description
        text += "\(name):\(value.utf8.count):\(value)\n"
    }

    package mutating func add(_ name: String, _ discount: Discount?) {
        switch discount {
        case .share(let rate): add("\(name)-share", rate.value)
        case .amount(let amount): add("\(name)-amount", amount)
        case nil: break
        }
    }

    package mutating func add(_ vat: VATBreakdown) {
        for share in vat.shares { add(share) }
        add("total", vat.total)
    }

    package mutating func add(_ place: DeliveryPlace) {
        for (name, value) in [
            ("name", place.name), ("street", place.address.street), ("postcode", place.address.postcode),
            ("town", place.address.town), ("country", place.address.country),
        ] as [(String, String?)] {
            if let value { add("delivered-\(name)", value) }
        }
    }

    /// Nil for documents of before parties were in the hash, whose text ends without them.
    package mutating func add(_ parties: ChainedParties?) {
        guard let parties else { return }
        add("seller", parties.seller)
        add("establishment", parties.establishment)
        add("buyer", parties.buyerDigest)
    }

    package mutating func add(_ share: VATShare) {
        add("rate", share.rate.value)
        add("base", share.base)
        add("vat", share.vat)
    }
}

/// Who issues a document and to whom, as its hash holds them.
package struct ChainedParties: Hashable, Sendable {
    /// As it was stored, whatever is known of sellers later.
    package let seller: String
    package let establishment: String
    /// Of the buyer, who may have to be forgotten, and a salt.
    package let buyerDigest: String

    package init(seller: String, establishment: String, buyerDigest: String) {
        self.seller = seller
        self.establishment = establishment
        self.buyerDigest = buyerDigest
    }
}

extension Invoice {
    /// What the invoice's hash is computed over; nil for a draft.
    ///
    /// What was paid is no part of the document.
    package func chainText(after previous: String, between parties: ChainedParties?) -> ChainText? {
        guard let number, let issuedOn else { return nil }
        var text = ChainText(.invoice, number: number, previous: previous)
        text.add("id", id)
        text.add("clinic", clinic)
        text.add("client", issuedTo ?? client)
        text.add("issued", issuedOn)
        text.add("due", dueOn)
        for line in content.lines {
            text.add("line", line.label)
            text.add("quantity", line.quantity.thousandths)
            text.add("price", line.unitPrice.tenThousandths)
            text.add("line-rate", line.vatRate.value)
            text.add("line-discount", line.discount)
            if let nature = line.nature { text.add("line-nature", nature.rawValue) }
            if let practitioner = line.practitioner { text.add("line-practitioner", practitioner) }
            if let exemption = line.exemption { text.add("line-exemption", exemption) }
            if let unit = line.unit { text.add("line-unit", unit.rawValue) }
        }
        text.add("discount", content.discount)
        if let notes = content.notes { text.add("notes", notes) }
        if let delivery = content.delivery { text.add(delivery) }
        if let day = content.suppliedOn { text.add("supplied", day) }
        switch origin {
        case .desk: break
        case .deposit(let quote, let isOnline):
            text.add("deposit-of", quote)
            text.add("online", isOnline)
        case .quote(let quote, let deductions):
            text.add("quote", quote)
            for deduction in deductions {
                text.add("deducted", deduction.number)
                for share in deduction.shares { text.add(share) }
            }
        }
        text.add(vat)
        text.add(parties)
        return text
    }
}

extension PaymentOnAccount {
    /// What the hash of its receipt is computed over; nil for money without one.
    ///
    /// What became of the money is no part of it, nor is another client who paid, who may become a third one.
    /// `client` is whom the receipt was made out to, `words` the digest of what people wrote on it.
    package func chainText(after previous: String, madeOutTo client: ClientID, words: String?) -> ChainText? {
        guard let till, let clinic, let receiptNumber else { return nil }
        var text = ChainText(.receipt, number: receiptNumber, previous: previous)
        text.add("id", id)
        text.add("clinic", clinic)
        text.add("client", client)
        text.add("method", method)
        text.add("method-kind", till.kind.rawValue)
        text.add("amount", amount)
        text.add("received", receivedOn)
        text.add("collected-by", till.collectedBy)
        if let tendered = till.tendered { text.add("tendered", tendered) }
        if let words { text.add("words", words) }
        return text
    }
}

extension TillNote {
    /// What people wrote on a receipt and may have to be forgotten; nil when that is nothing.
    package func words(salt: String) -> ChainText? {
        var payerName: String?
        if case .somebody(let name) = payer { payerName = name }
        let words: [(name: String, value: String?)] = [
            ("payer", payerName), ("cheque", cheque?.number), ("bank", cheque?.bank), ("drawer", cheque?.drawer),
            ("notes", notes),
        ]
        var text = ChainText(salt: salt)
        for word in words {
            if let value = word.value { text.add(word.name, value) }
        }
        return text == ChainText(salt: salt) ? nil : text
    }
}
