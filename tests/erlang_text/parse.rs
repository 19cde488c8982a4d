//! The grammar of test expressions: a part of Erlang's.

/// An expression, not yet on a heap.
#[derive(Clone, Debug)]
pub enum Expression {
    /// Decimal digits, perhaps behind a minus.
    Integer(String),
    Float(f64),
    Atom(String),
    Text(String),
    /// Bytes, and how many bits of them.
    Bits(Vec<u8>, usize),
    List(Vec<Expression>, Option<Box<Expression>>),
    Tuple(Vec<Expression>),
    Map(Vec<(Expression, Expression)>),
    ExternalFun(String, String, u32),
    Call(String, String, Vec<Expression>),
    Generator(String, Vec<Expression>),
}

/// The expression that is all of `text`; panics where there is none, with its place.
pub fn parse(text: &str) -> Expression {
    let mut parser = Parser { text: text.chars().collect(), at: 0 };
    let expression = parser.expression();
    parser.skip_spaces();
    assert!(parser.at == parser.text.len(), "{text}: more after character {}", parser.at);
    expression
}

struct Parser {
    text: Vec<char>,
    at: usize,
}

impl Parser {
    fn skip_spaces(&mut self) {
        while self.text.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> char {
        self.skip_spaces();
        self.text.get(self.at).copied().unwrap_or('\0')
    }

    fn next(&mut self) -> char {
        let c = self.text.get(self.at).copied().unwrap_or('\0');
        self.at += 1;
        c
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_spaces();
        let found = self.text[self.at..].iter().take(token.len()).copied().eq(token.chars());
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) {
        let at = self.at;
        let text: String = self.text.iter().collect();
        assert!(self.take(token), "{text}: no {token} at character {at}");
    }

    /// A primary, and `bsl` or `-` with a primary on its right.
    fn expression(&mut self) -> Expression {
        let mut left = self.primary();
        loop {
            let operator = match self.peek() {
                'b' if self.take("bsl") => "bsl",
                '-' if self.take("-") => "-",
                '+' if self.take("+") => "+",
                _ => return left,
            };
            let right = self.primary();
            left = Expression::Call("erlang".into(), operator.into(), vec![left, right]);
        }
    }

    fn primary(&mut self) -> Expression {
        match self.peek() {
            '(' => {
                self.expect("(");
                let inner = self.expression();
                self.expect(")");
                inner
            }
            '[' => self.list(),
            '{' => {
                self.expect("{");
                Expression::Tuple(self.sequence("}"))
            }
            '#' => self.map(),
            '<' => self.bits(),
            '"' => Expression::Text(self.quoted('"')),
            '-' => self.negative(),
            '$' | '0'..='9' => self.number(),
            _ => self.name(),
        }
    }

    fn sequence(&mut self, end: &str) -> Vec<Expression> {
        let mut elements = Vec::new();
        if self.take(end) {
            return elements;
        }
        loop {
            elements.push(self.expression());
            if self.take(end) {
                return elements;
            }
            self.expect(",");
        }
    }

    fn list(&mut self) -> Expression {
        self.expect("[");
        let mut elements = Vec::new();
        if self.take("]") {
            return Expression::List(elements, None);
        }
        loop {
            elements.push(self.expression());
            if self.take("|") {
                let tail = self.expression();
                self.expect("]");
                return Expression::List(elements, Some(Box::new(tail)));
            }
            if self.take("]") {
                return Expression::List(elements, None);
            }
            self.expect(",");
        }
    }

    fn map(&mut self) -> Expression {
        self.expect("#{");
        let mut pairs = Vec::new();
        if self.take("}") {
            return Expression::Map(pairs);
        }
        loop {
            let key = self.expression();
            self.expect("=>");
            pairs.push((key, self.expression()));
            if self.take("}") {
                return Expression::Map(pairs);
            }
            self.expect(",");
        }
    }

    /// `<<1, 2:3, "text", "text"/utf8>>`; a size is a number of bits, at most 64.
    fn bits(&mut self) -> Expression {
        self.expect("<<");
        let mut bits: Vec<bool> = Vec::new();
        while !self.take(">>") {
            let (values, default) = match self.peek() {
                '"' => {
                    let text = self.quoted('"');
                    let utf8 = self.take("/utf8");
                    let values = if utf8 {
                        text.bytes().map(i64::from).collect()
                    } else {
                        text.chars().map(|c| i64::from(u32::from(c))).collect()
                    };
                    (values, 8)
                }
                _ => match self.primary() {
                    Expression::Integer(text) => (vec![text.parse::<i64>().expect("a segment is small")], 8),
                    other => panic!("no segment: {other:?}"),
                },
            };
            let size: u32 = if self.take(":") { self.digits(10).parse().expect("a size") } else { default };
            for value in values {
                bits.extend((0..size).rev().map(|i| value >> i & 1 == 1));
            }
            self.take(",");
        }
        let bytes = bits
            .chunks(8)
            .map(|c| c.iter().enumerate().fold(0u8, |byte, (i, &bit)| byte | u8::from(bit) << (7 - i)));
        Expression::Bits(bytes.collect(), bits.len())
    }

    fn negative(&mut self) -> Expression {
        self.expect("-");
        match self.primary() {
            Expression::Integer(text) => Expression::Integer(format!("-{text}")),
            Expression::Float(value) => Expression::Float(-value),
            other => Expression::Call("erlang".into(), "-".into(), vec![other]),
        }
    }

    fn digits(&mut self, base: u32) -> String {
        let mut digits = String::new();
        while self.text.get(self.at).is_some_and(|c| c.is_digit(base)) {
            digits.push(self.next());
        }
        digits
    }

    fn number(&mut self) -> Expression {
        if self.take("$") {
            let c = match self.next() {
                '\\' => escape(self.next()),
                c => c,
            };
            return Expression::Integer(u32::from(c).to_string());
        }
        let whole = self.digits(10);
        if self.text.get(self.at) == Some(&'#') {
            self.at += 1;
            let base: u32 = whole.parse().expect("a base");
            let digits = self.digits(base);
            return Expression::Integer(i128::from_str_radix(&digits, base).expect("short").to_string());
        }
        let fraction = self.text.get(self.at) == Some(&'.')
            && self.text.get(self.at + 1).is_some_and(char::is_ascii_digit);
        if !fraction {
            return Expression::Integer(whole);
        }
        self.at += 1;
        let mut text = format!("{whole}.{}", self.digits(10));
        if matches!(self.text.get(self.at), Some('e' | 'E')) {
            self.at += 1;
            text.push('e');
            if matches!(self.text.get(self.at), Some('-' | '+')) {
                text.push(self.next());
            }
            text.push_str(&self.digits(10));
        }
        Expression::Float(text.parse().expect("a float"))
    }

    fn quoted(&mut self, quote: char) -> String {
        self.skip_spaces();
        assert!(self.next() == quote, "the caller saw the quote");
        let mut text = String::new();
        loop {
            match self.next() {
                c if c == quote => return text,
                '\\' => {
                    let c = self.next();
                    text.push(escape(c));
                }
                '\0' => panic!("no end of {text}"),
                c => text.push(c),
            }
        }
    }

    fn atom_text(&mut self) -> String {
        if self.peek() == '\'' {
            return self.quoted('\'');
        }
        let mut text = String::new();
        while self.text.get(self.at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '@')) {
            text.push(self.next());
        }
        let all: String = self.text.iter().collect();
        assert!(!text.is_empty(), "{all}: no expression at character {}", self.at);
        text
    }

    /// An atom, a call, a generator or an external fun.
    fn name(&mut self) -> Expression {
        let name = self.atom_text();
        if name == "fun" {
            let module = self.atom_text();
            self.expect(":");
            let function = self.atom_text();
            self.expect("/");
            return Expression::ExternalFun(module, function, self.digits(10).parse().expect("an arity"));
        }
        if self.take("(") {
            return Expression::Generator(name, self.sequence(")"));
        }
        if self.take(":") {
            let function = self.atom_text();
            self.expect("(");
            return Expression::Call(name, function, self.sequence(")"));
        }
        Expression::Atom(name)
    }
}

fn escape(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        's' => ' ',
        'e' => '\u{1b}',
        '0' => '\0',
        c => c,
    }
}
