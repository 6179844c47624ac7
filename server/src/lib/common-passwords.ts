/** Passwords of ten characters or more that attackers try first, in lower case; shorter ones are refused by length. */
const COMMON = new Set(
  `1234567890 0123456789 0987654321 9876543210 12345678910 123456789a 123456789q a123456789 q123456789 1234567891
  12345678901 123456789012 1234567890q 123123123123 1231231231 1212121212 1010101010 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc
  1qazxsw23edc qazwsxedcrfv zaq12wsxcde3 zaq1xsw2cde3 q1w2e3r4t5 q1w2e3r4t5y6 qwertyuiop qwertyuiop123 qwertyuiop1 qwerty12345
  qwerty123456 qwerty1234 qwerty123! qwertyqwerty asdfghjkl1 asdfghjkl123 asdfasdfasdf zxcvbnm123 zxcvbnm1234 1234qwerasdf
  1234qwer1234 qwer1234qwer abcd123456 abcdefghij abcdefghijk abc123abc123 a1b2c3d4e5 a1b2c3d4e5f6 aaaaaaaaa1 aa12345678
  password12 password123 password1234 password12345 password01 password11 password2024 password2025 password2026 password1!
  passwordpassword mypassword mypassword1 newpassword thepassword p@ssword123 p@ssw0rd123 p@ssw0rd12 passw0rd123 pa55word123
  password@123 password!23 pass123456 pass1234567 passpass123 changeme123 changeme1! changemenow letmein123 letmein1234
  welcome123 welcome1234 welcome2024 welcome2025 welcome2026 welcome@123 welcome123! admin12345 admin123456 admin@1234
  admin123admin administrator administrator1 adminadmin adminadmin1 rootroot12 root123456 test123456 testtest123 testing123
  testpassword secret1234 secretsecret secretpassword master1234 iloveyou12 iloveyou123 iloveyou1234 iloveyou11 iloveyousomuch
  ilovemyself ilovejesus ihateyou123 sunshine123 sunshine12 princess123 princess12 football123 football12 baseball123
  basketball basketball1 superman123 batman1234 dragon1234 monkey1234 shadow1234 michael123 jessica123 ashley1234
  charlie123 jordan1234 liverpool1 liverpool123 manchester manchester1 chelsea123 arsenal123 barcelona1 realmadrid
  realmadrid1 juventus123 starwars123 pokemon123 minecraft1 minecraft123 fortnite123 computer123 computer12 internet123
  samsung123 google1234 facebook123 instagram1 whatever123 trustno1234 butterfly1 butterfly123 strawberry strawberry1
  chocolate1 chocolate123 cinderella christopher alexander1 elizabeth1 jennifer12 californian california california1
  washington hello12345 hello123456 hellohello hellohello1 goodmorning summer2024 summer2025 summer2026 winter2024
  winter2025 winter2026 spring2026 autumn2026 monday1234 bitcoin123 bitcoin1234 ethereum123 blockchain blockchain1 crypto1234
  crypto12345 cryptocurrency cryptoscan cryptoscan1 cryptoscan123 satoshinakamoto correcthorsebatterystaple
  qwertzuiop azertyuiop motdepasse motdepasse1 motdepasse123 passwort123 passwort1234 hallo12345 contraseña contrasena
  contrasena1 contrasena123 teamo12345 tequiero123 parolparol parol12345 parol123456 privet12345 lubov12345 zxcvbnmasd
  йцукенгшщз йцукен12345 йцукен123456 пароль1234 пароль12345 пароль123456 любимая123`.split(/\s+/),
);

/** Whether a password in lower case is a common one, or one character over and over. */
export function isCommonPassword(password: string): boolean {
  return COMMON.has(password) || new Set(password).size === 1;
}
