import HTTPServer
import PaymentModel
import PaymentOrchestratorDomain

extension Fields {
    /// What a person writes; a card's number in it is refused before anything is kept of it (PAY-15).
    func words(_ name: String, max: Int = 200) -> String {
        let text = string(name, max: max)
        refuseCard(in: text, at: name)
        return text
    }

    /// The same for what may be left out.
    func optionalWords(_ name: String, max: Int = 200) -> String? {
        let text = optionalString(name, max: max)
        if let text { refuseCard(in: text, at: name) }
        return text
    }

    /// An e-mail address, whose name could be one too.
    func cardFreeEmail(_ name: String) -> EmailAddress {
        let address = email(name)
        refuseCard(in: address.text, at: name)
        return address
    }

    private func refuseCard(in text: String, at name: String) {
        guard CardNumber.isWritten(in: text) else { return }
        refuse(
            name, reason: "It has what reads as a card's number.",
            remedy: "Take it out: a card is typed on the provider's own page, and nowhere else.")
    }
}
